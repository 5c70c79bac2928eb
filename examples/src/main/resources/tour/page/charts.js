import { element, shape } from "./dom.js";

const SLOTS = 60;
const CLOUD_WIDTH = 400;
const CLOUD_HEIGHT = 130;
const CLOUD_LEFT = 28;

/** Bars that grow one by one; when there is no more room, neighbours become one. */
export class BarChart {
    constructor(place) {
        this.values = [];
        this.picture = shape("svg", { viewBox: `0 0 ${SLOTS} 100`, preserveAspectRatio: "none", "aria-hidden": "true" });
        place.replaceChildren(this.picture);
    }

    add(value) {
        this.values.push(value);
        if (this.values.length > SLOTS) {
            this.values = this.values.slice(1);
        }
        const most = Math.max(...this.values);
        this.picture.replaceChildren(...this.values.map((each, i) => {
            const height = most === 0 ? 0 : 92 * each / most;
            return shape("rect", { class: "arrived", x: i + 0.1, y: 100 - height, width: 0.8, height });
        }));
    }
}

/** A dot for each time that a message took, one column per message, and a line through the medians. In milliseconds. */
export class LatencyCloud {
    constructor(place, messages) {
        this.messages = messages;
        this.columns = [];
        this.picture = shape("svg", { viewBox: `0 0 ${CLOUD_WIDTH} ${CLOUD_HEIGHT + 18}`, "aria-hidden": "true" });
        place.replaceChildren(this.picture);
    }

    /** @param latencies in ascending order */
    add(latencies) {
        this.columns.push(latencies);
        const end = 1.05 * Math.max(1, ...this.columns.map(column => column.at(-1)));
        const y = time => CLOUD_HEIGHT * (1 - time / end);
        const x = column => CLOUD_LEFT + (CLOUD_WIDTH - CLOUD_LEFT) * (column + 0.5) / this.messages;
        const lines = [];
        const step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].find(each => end / each <= 5) ?? 5000;
        for (let time = 0; time <= end; time += step) {
            lines.push(
                shape("line", { class: "gridline", x1: CLOUD_LEFT, x2: CLOUD_WIDTH, y1: y(time), y2: y(time) }),
                shape("text", { x: CLOUD_LEFT - 5, y: y(time) + 4, "text-anchor": "end" }, time));
        }
        const dots = this.columns.flatMap((column, i) => column.map((time, j) =>
            shape("circle", { class: "heard", cx: x(i) + 5 * (j / column.length - 0.5), cy: y(time), r: 1.8 })));
        const medians = this.columns.map((column, i) => `${x(i)},${y(column[column.length >> 1])}`).join(" ");
        this.picture.replaceChildren(...lines, ...dots,
            shape("polyline", { class: "median", points: medians }),
            shape("text", { x: CLOUD_LEFT, y: CLOUD_HEIGHT + 14 }, "ms until heard, message after message"));
    }
}

/** One line per request: how long it waited inside the browser, and how long for the server. In milliseconds. */
export function timingDiagram(requests) {
    const width = 400;
    const row = 11;
    const bottom = requests.length * row;
    const end = Math.max(...requests.map(request => request.ended));
    const x = time => width * time / end;
    const picture = shape("svg", {
        viewBox: `0 0 ${width} ${bottom + 18}`,
        role: "img",
        "aria-label": `${requests.length} requests, all answered after ${Math.round(end)} ms`,
    });
    const step = end > 2500 ? 1000 : 250;
    for (let time = 0; time <= end; time += step) {
        const anchor = time === 0 ? "start" : x(time) > width - 25 ? "end" : "middle";
        picture.append(
            shape("line", { class: "gridline", x1: x(time), x2: x(time), y1: 0, y2: bottom }),
            shape("text", { x: x(time), y: bottom + 14, "text-anchor": anchor }, `${time} ms`));
    }
    requests.forEach((request, i) => {
        const bar = (kind, from, to) =>
            shape("rect", { class: kind, x: x(from), y: i * row + 2, width: Math.max(0, x(to) - x(from)), height: row - 4, rx: 2 });
        picture.append(bar("queued", request.began, request.sent), bar("served", request.sent, request.ended));
    });
    const key = (kind, text) => element("span", {},
        shape("svg", { viewBox: "0 0 10 10", "aria-hidden": "true" }, shape("rect", { class: kind, width: 10, height: 10, rx: 2 })), text);
    return [picture, element("p", { class: "key" },
        key("queued", "waits in the browser for a connection"), key("served", "is with the server"))];
}
