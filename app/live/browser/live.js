// The live part of a page, as Streamlit mounts it. Python gives a token, the socket the rest.

import { readCommas } from "./dom/commas.js";
import { LivePage } from "./live_page.js";
import { mounting } from "./mounting.js";

readCommas();

export default mounting(LivePage);
