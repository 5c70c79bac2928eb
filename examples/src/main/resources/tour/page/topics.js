import { ask, reasonOf } from "./answer.js";
import { element, setText } from "./dom.js";
import { WAYS } from "./listeners.js";
import { showSourcesWhenOpened } from "./source.js";

const INTERVAL = 200;
const RETRY = 300;

/** Each window has a separate topic, so that it knows which numbers have been published. */
const topic = `numbers.${Math.random().toString(36).slice(2, 12)}`;
const servers = new Map();
let published = 0;
let gaps = 0;
let doubles = 0;
/** Numbers whose publication failed: they may have been published or not. */
const unsure = new Set();

class Server {
    constructor({ name, port, scheme, runs }) {
        this.name = name;
        this.place = document.querySelector(`[data-server=${name}]`);
        this.url = new URL(`${scheme}://${location.hostname}:${port}/${topic}`);
        this.show(runs);
        this.place.querySelector("button").addEventListener("click", () => this.toggle());
    }

    get other() {
        return servers.get(this.name === "a" ? "b" : "a");
    }

    show(runs) {
        this.runs = runs;
        this.showPresence(runs ? "connected" : "lost", runs ? `runs at ${this.url.host}` : "killed");
        this.place.querySelector("button").textContent = runs ? "Kill" : "Start";
        if (!runs) {
            this.reached();
        }
    }

    showPresence(is, text) {
        const state = this.place.querySelector(".presence");
        setText(state, text);
        state.dataset.is = is;
    }

    async toggle() {
        const { runs } = this;
        try {
            await ask(`/topics/${this.name}/${runs ? "kill" : "start"}`, { method: "POST" });
            await looking; // which may have begun before
            this.show(!runs);
            tell("tour", "");
        } catch (failure) {
            tell("tour", reasonOf(failure));
        }
    }

    reached() {
        tell(this.name, "");
    }

    /** It runs, but the browser gets no answer from it. */
    notReached() {
        const { origin, protocol } = this.url;
        tell(this.name, `The browser does not reach ${origin}. ` + (protocol === "https:"
            ? "If it does not trust the certificate there, open that address once and accept it."
            : "Check that it may connect to that port."));
    }
}

/** A client that is at one of the servers; when it loses the connection, it goes to the other one and tells what it saw last. */
class Client {
    constructor(way, server) {
        this.way = way;
        this.last = element("b", { class: "last" }, "–");
        this.story = element("small", {}, "");
        this.line = element("li", { "data-way": way }, WAYS[way].label, this.last, this.story);
        this.number = 0;
        this.seen = "all"; // the id of the message seen last; at first, everything that is kept
        this.moves = 0;
        this.caughtUp = 0;
        this.goTo(server);
    }

    goTo(server) {
        server.place.querySelector(".clients").append(this.line);
        this.known = published;
        let heard = false;
        WAYS[this.way].open(server.url, this.seen, {
            open: () => {
                this.line.dataset.is = "connected";
                this.known = Math.max(this.known, published);
            },
            message: (text, id) => {
                heard = true;
                server.reached();
                this.message(Number(text), id);
            },
            place: id => {
                heard = true;
                server.reached();
                this.seen = id;
            },
            stale: () => count("gaps", ++gaps),
            lost: async () => {
                this.line.dataset.is = "lost";
                setTimeout(() => this.move(server), RETRY);
                if (await look() && server.runs && !heard) {
                    server.notReached();
                }
            },
        });
    }

    move(server) {
        this.moves++;
        this.line.classList.add("moved");
        this.goTo(server.other);
    }

    message(number, id) {
        this.seen = id;
        if (number <= this.number) {
            count("doubles", ++doubles);
        }
        for (let missing = this.number + 1; missing < number; missing++) {
            if (!unsure.has(missing)) {
                count("gaps", ++gaps);
            }
        }
        if (this.moves > 0 && number <= this.known) {
            this.caughtUp++;
        }
        this.number = number;
        this.last.textContent = number;
        this.story.textContent = this.moves === 0 ? "" : `moved ${this.moves} times, caught up with ${this.caughtUp} numbers`;
    }
}

function count(what, number) {
    document.getElementById(what).textContent = number;
}

/** What is wrong, by what it is wrong with. */
const troubles = new Map();

function tell(of, sentence) {
    troubles.set(of, sentence);
    setText(document.getElementById("trouble"), [...new Set(troubles.values())].join(" ").trim());
}

let looking = null;

/** Shows which servers run. Tells whether the tour answers that; while it does not, nothing is known of them. */
function look() {
    looking ??= lookNow().finally(() => looking = null);
    return looking;
}

async function lookNow() {
    try {
        for (const { name, port, runs } of await (await ask("/topics/servers")).json()) {
            const server = servers.get(name);
            if (String(port) !== server.url.port) {
                throw new Error("The tour was started again, and its two servers have other ports now. Reload this page.");
            }
            server.show(runs);
        }
        tell("tour", "");
        return true;
    } catch (failure) {
        servers.forEach(server => server.showPresence("lost", "not reached"));
        tell("tour", reasonOf(failure));
        return false;
    }
}

const state = document.getElementById("state");
const form = document.getElementById("publish");
let timer = null;

form.addEventListener("submit", event => {
    event.preventDefault();
    clearInterval(timer);
    timer = timer === null ? setInterval(publish, INTERVAL) : null;
    form.querySelector("button").textContent = timer === null ? "Publish" : "Pause";
    show(timer !== null, "Publishing");
    tell("publishing", "");
});

function show(good, text) {
    setText(state, timer === null ? "Not publishing" : text);
    state.dataset.is = good ? "live" : "waiting";
}

let underWay = false;

async function publish() {
    if (underWay) {
        return;
    }
    underWay = true;
    const number = ++published;
    try {
        const response = await fetch(`/topics/publish?topic=${topic}`, { method: "POST", body: String(number) });
        if (!response.ok) {
            throw new Error(await response.text()); // a sentence
        }
        count("published", number);
        show(true, "Publishing");
        tell("publishing", "");
    } catch (failure) {
        unsure.add(number);
        show(false, "Cannot publish");
        tell("publishing", timer === null ? "" : reasonOf(failure).trim());
    } finally {
        underWay = false;
    }
}

showSourcesWhenOpened();
try {
    for (const server of await (await ask("/topics/servers")).json()) {
        servers.set(server.name, new Server(server));
    }
} catch (failure) {
    tell("tour", `${reasonOf(failure)} Then reload this page.`);
}
for (const server of servers.values()) {
    Object.keys(WAYS).forEach(way => new Client(way, server));
}
