import { pythonWith } from "./python.ts";
import { LANGFUSE_VERSIONS, langfusePackages, OPENINFERENCE_PACKAGES } from "./python-packages.ts";
import { rustProgram } from "./rust.ts";

/*
 * Installs the clients of other languages where their tools are at hand. The tests that need them do so themselves; run
 * beside the other tests, this keeps minutes of building off their way.
 */
await rustProgram();
for (const version of LANGFUSE_VERSIONS) await pythonWith(langfusePackages(version));
await pythonWith(OPENINFERENCE_PACKAGES);
