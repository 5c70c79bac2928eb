import { element } from "./dom.js";
import { WAYS } from "./listeners.js";
import { showSource } from "./source.js";

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
        const state = this.place.querySelector(".presence");
        state.textContent = runs ? `runs at ${this.url.host}` : "killed";
        state.dataset.is = runs ? "connected" : "lost";
        this.place.querySelector("button").textContent = runs ? "Kill" : "Start";
    }

    async toggle() {
        const response = await fetch(`/topics/${this.name}/${this.runs ? "kill" : "start"}`, { method: "POST" });
        if (response.ok) {
            this.show(!this.runs);
        }
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
        WAYS[this.way].open(server.url, this.seen, {
            open: () => {
                this.line.dataset.is = "connected";
                this.known = Math.max(this.known, published);
            },
            message: (text, id) => this.message(Number(text), id),
            place: id => this.seen = id,
            stale: () => count("gaps", ++gaps),
            lost: () => {
                this.line.dataset.is = "lost";
                setTimeout(() => this.move(server), RETRY);
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

const state = document.getElementById("state");
const form = document.getElementById("publish");
let timer = null;

form.addEventListener("submit", event => {
    event.preventDefault();
    clearInterval(timer);
    timer = timer === null ? setInterval(publish, INTERVAL) : null;
    form.querySelector("button").textContent = timer === null ? "Publish" : "Pause";
    show(timer !== null, "Publishing");
});

function show(good, text) {
    state.textContent = timer === null ? "Not publishing" : text;
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
            throw new Error(await response.text());
        }
        count("published", number);
        show(true, "Publishing");
    } catch (failure) {
        unsure.add(number);
        show(false, failure.message.trim());
    } finally {
        underWay = false;
    }
}

for (const server of await (await fetch("/topics/servers", { cache: "no-store" })).json()) {
    servers.set(server.name, new Server(server));
}
for (const server of servers.values()) {
    Object.keys(WAYS).forEach(way => new Client(way, server));
}
for (const details of document.querySelectorAll(".together details")) {
    details.addEventListener("toggle", () => showSource(details.querySelector(".source")), { once: true });
}
