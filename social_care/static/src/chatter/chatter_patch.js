import { Chatter } from "@mail/chatter/web_portal/chatter";

import { ChatterRecipients } from "./recipients";

Object.assign(Chatter.components, { ChatterRecipients });
