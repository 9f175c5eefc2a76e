const ADDRESS = /https?:\/\/[^\s<>"']+/gi;
const CLOSING = /[.,;:!?)\]}…’”»]+$/u;

/** Whether an address of the outside world may become a link. */
export function isWebAddress(address) {
    return /^https?:\/\//i.test(address || "");
}

/** "@ana" of "ana" and of "@ana"; "" of nothing. */
export function withAt(handle) {
    return handle ? `@${handle.replace(/^@+/, "")}` : "";
}

/**
 * Cut a plain text where addresses stand, so that they can be shown as links.
 *
 * @param {string} text
 * @returns {{text: string, href?: string}[]}
 */
export function splitLinks(text) {
    const parts = [];
    let end = 0;
    for (const match of text.matchAll(ADDRESS)) {
        const href = match[0].replace(CLOSING, "");
        if (match.index > end) {
            parts.push({ text: text.slice(end, match.index) });
        }
        parts.push({ text: href, href });
        end = match.index + href.length;
    }
    if (end < text.length) {
        parts.push({ text: text.slice(end) });
    }
    return parts;
}
