import { setTimeout as sleep } from "node:timers/promises";
import { SUCCESS, type Scenario } from "./scenario.ts";

export const ALL_KILLED: Scenario = {
  id: "F24",
  title: "everything: kill -9 of all processes at once, three times; what was acknowledged is stored",
  expected: { answers: [...SUCCESS, "503", "reset"], sees: ["reset"], recoveryMs: 60_000 },
  async run({ system: { gateways, workers, query, redis, postgres }, recovered }) {
    for (let round = 0; round < 3; round += 1) {
      await Promise.all([...gateways, ...workers, query, redis, postgres].map((process) => process.kill()));
      await sleep(8_000);
    }
    await recovered();
  },
};
