import { SentinelConnector, type SentinelConnectionOptions } from "ioredis";
import { watchSentinels, type MasterNews, type SentinelWatch } from "./sentinel-watch.ts";

type Connect = SentinelConnector["connect"];

/**
 * Finds the master by its Sentinels, and leaves it when they have chosen another one.
 *
 * A master that was replaced in order, or that only the Sentinels could not reach, goes on answering for ten seconds and more, until
 * they make it a replica; what it acknowledges meanwhile is then thrown away. ioredis can listen for that, but asks one
 * Sentinel alone, which may send it back to where it was.
 */
export class FollowingConnector extends SentinelConnector {
  readonly #watch: SentinelWatch;
  #news: MasterNews | undefined;

  constructor(options: SentinelConnectionOptions) {
    super({
      ...options,
      // Where ioredis looks up what a Sentinel's answer stands for: another one may know better.
      natMap: () => this.#news?.address ?? null,
      updateSentinels: false,
    });
    this.#watch = watchSentinels(options);
  }

  override async connect(...[emit]: Parameters<Connect>): ReturnType<Connect> {
    // It goes on where it stopped the last time, and reports the end of the list as if nobody had answered.
    this.sentinelIterator.reset(false);
    this.connecting = true;
    this.#news = await this.#watch.ask().catch((refusal: unknown) => {
      emit("error", refusal as Error);
      return undefined;
    });
    // Closed meanwhile.
    if (!this.connecting) throw new Error("Connection is closed.");
    const stream = await super.connect(emit);
    const unfollow = this.#watch.follow((news) => {
      if (news.epoch > (this.#news?.epoch ?? -1)) this.disconnect();
    });
    stream.once("close", unfollow);
    return stream;
  }
}
