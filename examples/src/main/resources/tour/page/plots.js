import { element } from "./dom.js";

const MINUTES = 5;
const LEAST_SECONDS = 60;
const ROWS = 30;
const HEIGHT = 210;

/** One of the colours of the page, as the style sheet has it now: it depends on light or dark. */
function colour(name, opacity = "") {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim() + opacity;
}

function clock(millis) {
    return new Date(millis).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
}

/**
 * A chart of figures over the last minutes, and the same figures as a table.
 *
 * series: name, colour (of the style sheet), value (of a sample: a number, or null for none), dash
 * format, tick: how a value is written, in general and on the axis
 * least: up to where the axis goes at least
 */
export class Plot {
    constructor({ title, unit, series, format, tick = format, logarithmic = false, least = 1 }) {
        this.series = series;
        this.format = format;
        this.samples = [];
        this.rows = element("tbody");
        this.table = element("details", { class: "as-table" },
            element("summary", {}, "As a table"),
            element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `${title}, as a table` },
                element("table", {},
                    element("caption", { class: "unseen" }, `${title}, ${unit}, latest first`),
                    element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "Time"),
                        ...series.map(each => element("th", { scope: "col", class: "amount" }, each.name)))),
                    this.rows)));
        this.table.addEventListener("toggle", () => this.fillTable());
        this.place = element("div", { class: "plot", role: "img", "aria-label": `${title}, ${unit}, over the last ${MINUTES} minutes. The table below has the figures.` });
        this.card = element("figure", { class: "panel" },
            element("figcaption", {}, element("b", {}, title), element("span", {}, unit)), this.place, this.table);
        this.options = this.optionsFor(series, tick, logarithmic, least);
    }

    /** To be called when the card is on the page: only there it has a width. */
    draw() {
        this.make();
        new ResizeObserver(() => this.plot.setSize({ width: this.width(), height: HEIGHT })).observe(this.place);
        matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.make());
    }

    make() {
        this.plot?.destroy();
        this.plot = new uPlot({ ...this.options, width: this.width(), height: HEIGHT }, this.data(), this.place);
    }

    show(samples) {
        this.samples = samples;
        this.plot.setData(this.data());
        this.showLatest(this.plot);
        this.fillTable();
    }

    /** The legend shows the values under the pointer; if it is elsewhere, the latest ones. */
    showLatest(plot) {
        if (this.samples.length > 0 && !(plot.cursor.left >= 0)) {
            plot.setLegend({ idx: this.samples.length - 1 }, false);
        }
    }

    width() {
        return Math.max(200, this.place.clientWidth);
    }

    data() {
        return [this.samples.map(sample => sample.at / 1000), ...this.series.map(({ value }) => this.samples.map(value))];
    }

    /** The last minutes, or since the first sample. */
    period() {
        const now = Date.now() / 1000;
        const first = (this.samples[0]?.at ?? Date.now()) / 1000;
        return [Math.max(now - 60 * MINUTES, Math.min(first, now - LEAST_SECONDS)), now];
    }

    fillTable() {
        if (this.table.open) {
            this.rows.replaceChildren(...this.samples.slice(-ROWS).reverse().map(sample => element("tr", {},
                element("th", { scope: "row" }, clock(sample.at)),
                ...this.series.map(({ value }) => element("td", { class: "amount" }, this.written(value(sample)))))));
        }
    }

    written(value) {
        return value === null || value === undefined ? "–" : this.format(value);
    }

    optionsFor(series, tick, logarithmic, least) {
        const axis = {
            stroke: () => colour("--muted"),
            font: `12px ${colour("--sans")}`,
            grid: { stroke: () => colour("--line"), width: 1, filter: (plot, places) => places },
            ticks: { show: false },
        };
        const upTo = max => [0, Math.max(least, 1.15 * (max ?? 0))];
        const decades = (min, max) => [
            10 ** Math.floor(Math.log10(min || 0.1)), 10 ** Math.ceil(Math.log10(1.01 * (max || 10)))];
        const decadesOnly = (plot, values) => values.map(value => Number.isInteger(Math.log10(value)) ? value : null);
        const marks = logarithmic ? { filter: decadesOnly, grid: { ...axis.grid, filter: decadesOnly } } : {};
        return {
            padding: [8, 32, 0, 0], // room for the last time on the axis
            hooks: { setCursor: [plot => this.showLatest(plot)], draw: [paintMarkers] },
            cursor: { drag: { x: false, y: false }, sync: { key: "figures" }, points: { size: 7 } },
            scales: {
                x: { range: () => this.period() },
                y: { distr: logarithmic ? 3 : 1, range: (plot, min, max) => logarithmic ? decades(min, max) : upTo(max) },
            },
            axes: [
                { ...axis, size: 34, gap: 9, space: 75, incrs: [10, 30, 60], values: (plot, times) => times.map(time => clock(1000 * time)) },
                { ...axis, ...marks, size: 58, space: 32, values: (plot, values) => values.map(value => value === null ? "" : tick(value)) },
            ],
            series: [
                { label: "Time", value: (plot, time) => time === null ? "–" : clock(1000 * time) },
                ...series.map(({ name, colour: line, dash }) => ({
                    label: name,
                    stroke: (plot, i) => colour(isQuiet(line, plot.data?.[i] ?? []) ? "--waiting" : line),
                    fill: series.length < 3 ? () => colour(line, "1f") : undefined,
                    width: 1.75,
                    dash,
                    points: { size: 4, filter: (plot, i) => lonely(plot.data[i]) },
                    value: (plot, value) => this.written(value),
                })),
            ],
        };
    }
}

/** The legend's markers have the colours of the lines, which change; uPlot paints them only once, when there is no value yet. */
function paintMarkers(plot) {
    const markers = plot.root.querySelectorAll(".u-legend .u-marker");
    for (let i = 1; i < plot.series.length; i++) {
        markers[i].style.borderColor = plot.series[i].stroke(plot, i);
    }
}

/** A line of alarm that has nothing to tell. */
function isQuiet(line, values) {
    return line === "--bad" && values.every(value => !value);
}

/** Which values have no neighbour, so that no line leads to them. */
function lonely(values) {
    const found = [];
    for (let i = 0; i < values.length; i++) {
        if (values[i] !== null && (values[i - 1] ?? null) === null && (values[i + 1] ?? null) === null) {
            found.push(i);
        }
    }
    return found;
}
