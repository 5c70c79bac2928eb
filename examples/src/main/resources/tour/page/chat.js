import { ask, showFailure, showState } from "./answer.js";
import { element, milliseconds } from "./dom.js";
import { WAYS } from "./listeners.js";

const RETRY = 1000;

let here = null;
let heardLast = "all"; // the id of the last line; at first, all that is kept

/** Says something. The answer tells how, and how long it took until it was heard here. */
export async function chat({ card, form, answer }) {
    const { name, text, way } = form.elements;
    const said = `${name.value.trim() || "Somebody"}: ${text.value.trim()}`;
    if (text.value.trim() === "") {
        showState(answer, "Say something", false);
        return;
    }
    const started = performance.now();
    const heard = new Promise(resolve => card.addEventListener("heard", function listen({ detail }) {
        if (detail === said) {
            card.removeEventListener("heard", listen);
            resolve();
        }
    }));
    try {
        const how = await here.say(said);
        text.value = "";
        showState(answer, how, true, [`by ${label(way.value)}`]);
        await Promise.race([heard, new Promise(resolve => setTimeout(resolve, 5000))]);
        showState(answer, how, true, [`by ${label(way.value)}`, `heard after ${milliseconds(performance.now() - started)}`]);
    } catch (failure) {
        showFailure(answer, failure);
    }
}

/** Takes part as soon as the card is seen, and anew whenever another way is chosen. */
export function setUpChat(card) {
    const form = card.querySelector("form");
    form.elements.name.value = `Guest ${100 + Math.floor(900 * Math.random())}`;
    const enter = () => {
        here?.leave();
        here = takePart(card, form.elements.way.value);
    };
    form.querySelectorAll("[name=way]").forEach(way => way.addEventListener("change", enter));
    new IntersectionObserver(([card], observer) => {
        if (card.isIntersecting) {
            observer.disconnect();
            enter();
        }
    }).observe(card);
}

function takePart(card, way) {
    const log = card.querySelector(".talk");
    const state = card.querySelector(".presence");
    let left = false;
    let connection;
    const is = (what, more = "") => {
        state.textContent = `${label(way)}: ${what}${more}`;
        state.dataset.is = what;
    };
    const told = {
        open: () => is("connected"),
        message(line, id) {
            const [, name, text] = /^([^:]*)(?:: )?(.*)$/.exec(line) ?? [];
            heardLast = id;
            log.append(bubble(name, text, name === card.querySelector("[name=name]").value.trim()));
            while (log.children.length > 50) {
                log.firstChild.remove();
            }
            log.scrollTop = log.scrollHeight;
            card.dispatchEvent(new CustomEvent("heard", { detail: `${name}: ${text}` }));
        },
        place: id => heardLast = id,
        stale: () => log.append(element("li", {}, element("small", {}, "Some lines are not kept any more."))),
        lost() {
            is("lost", "; tries again each second, until the server answers");
            setTimeout(connect, RETRY);
        },
    };
    for (const [name, act] of Object.entries(told)) {
        told[name] = (...what) => left || act(...what);
    }
    function connect() {
        if (!left) {
            connection = WAYS[way].open(new URL("/chat", location.href), heardLast, told);
        }
    }
    is("connecting");
    connect();
    return {
        say: way === "websocket" ? text => connection.send(text).then(() => "Sent") : post,
        leave() {
            left = true;
            connection.close();
        },
    };
}

async function post(text) {
    const response = await ask("/chat", { method: "POST", body: text });
    return `${response.status} ${response.statusText}`;
}

function label(way) {
    return { websocket: "WebSocket", polling: "long polling", streaming: "streaming" }[way];
}

function bubble(name, text, mine) {
    return element("li", { class: mine ? "mine" : "" }, element("b", {}, name), " ", element("span", {}, text));
}
