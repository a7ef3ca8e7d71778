// Where faces are found and classified: in this browser, where the page brings the networks, or else
// by the server. Both have `load`, `analyzeFrame`, `analyzeImage`, and `eases`.

import { api } from "./api.js";
import { networks } from "./networks.js";
import { settings } from "./settings.js";

export const engine = settings.networks ? networks : api;
