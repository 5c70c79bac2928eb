/** An element with attributes and children; strings become text, so nothing is ever parsed as HTML. */
export function element(name, attributes = {}, ...children) {
    return filled(document.createElement(name), attributes, children);
}

/** The same for SVG. */
export function shape(name, attributes = {}, ...children) {
    return filled(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function filled(node, attributes, children) {
    for (const [name, value] of Object.entries(attributes)) {
        node.setAttribute(name, value);
    }
    node.append(...children);
    return node;
}

/** Leaves a text alone that is there already: otherwise a status would be read aloud once more. */
export function setText(node, text) {
    if (node.textContent !== text) {
        node.textContent = text;
    }
}

export function bytes(count) {
    if (count < 1000) {
        return `${count} B`;
    }
    return count < 1e6 ? `${(count / 1e3).toFixed(1)} kB` : `${(count / 1e6).toFixed(1)} MB`;
}

export function milliseconds(duration) {
    return duration < 10 ? `${duration.toFixed(1)} ms` : `${Math.round(duration)} ms`;
}
