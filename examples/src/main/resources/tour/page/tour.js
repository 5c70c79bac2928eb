import { ask, reasonOf } from "./answer.js";
import { setUpChat } from "./chat.js";
import { setUpClock } from "./clock.js";
import { followReading } from "./contents.js";
import { setUpCounter } from "./counter.js";
import { EXAMPLES, waitForNews } from "./examples.js";
import { coloured, showSource, showSourcesWhenOpened } from "./source.js";
import { setUpTrials } from "./trials.js";

setUpTrials(EXAMPLES);

const laterCard = document.getElementById("later");
laterCard.querySelector("[name=wait]").addEventListener("click", () => waitForNews(laterCard));

setUpChat(document.getElementById("chat"));
setUpClock(document.getElementById("clock"));
setUpCounter(document.getElementById("counter"));

for (const place of document.querySelectorAll(".card .source")) {
    showSource(place);
}
showSourcesWhenOpened();
for (const code of document.querySelectorAll("code.java")) {
    code.replaceChildren(...coloured(code.textContent));
}

followReading();

/** By which protocol the page came, if the browser tells. */
function arrival() {
    const name = performance.getEntriesByType("navigation")[0]?.nextHopProtocol;
    const version = { "h2": "HTTP/2", "http/1.1": "HTTP/1.1" }[name] ?? name;
    const encrypted = location.protocol === "https:" ? " over TLS" : "";
    return version ? `This page came by ${version}${encrypted}.` : "";
}

const facts = document.getElementById("facts");
try {
    const { java, processors } = await (await ask("/json")).json();
    facts.textContent = `This server runs on Java ${java} with ${processors} processors, at ${location.host}. ${arrival()}`;
} catch (failure) {
    facts.textContent = reasonOf(failure);
}

document.querySelector("#hello form").requestSubmit();
