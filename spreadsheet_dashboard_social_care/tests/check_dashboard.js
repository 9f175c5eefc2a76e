// Run in a page with the dashboard: waits for its data, then compares cells, charts, and what a click opens, with what
// is expected.
const SECONDS = 50;
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
async function until(what, find) {
    for (let tries = 0; tries < SECONDS * 10; tries++) {
        const found = find();
        if (found) { return found; }
        await wait(100);
    }
    throw new Error("nothing came of: " + what);
}
const same = (a, b) => typeof b === "number" ? Math.abs(a - b) < 1e-4 : a === b;
(async ({ period, cells, charts, records }) => {
    let services;
    const { model } = await until("a dashboard", () => {
        services = odoo.__WOWL_DEBUG__?.root?.env.services;
        const dashboard = services?.spreadsheet_dashboard_loader?.getActiveDashboard();
        return dashboard?.model && dashboard;
    });
    const { getters } = model;
    if (period) {
        model.dispatch("SET_GLOBAL_FILTER_VALUE", { id: "period", value: period });
    }
    const place = (name) => {
        const [sheet, cell] = name.split("!");
        const position = { col: cell.charCodeAt(0) - 65, row: Number(cell.slice(1)) - 1 };
        return { sheetId: getters.getSheetIds().find((id) => getters.getSheetName(id) === sheet), ...position };
    };
    const read = (name) => getters.getEvaluatedCell(place(name)).value ?? "";
    const draw = (id) => {
        const { labels, datasets } = getters.getChartRuntime(id).chartJsConfig.data;
        return labels.map((label, index) => [label, ...datasets.map((item) => item.data[index])]);
    };
    const differences = () => [
        ...Object.entries(cells).filter(([name, value]) => !same(read(name), value))
            .map(([name, value]) => `${name} is ${read(name)} instead of ${value}`),
        ...Object.entries(charts).filter(([id, rows]) => JSON.stringify(draw(id)) !== JSON.stringify(rows))
            .map(([id, rows]) => `${id} is ${JSON.stringify(draw(id))} instead of ${JSON.stringify(rows)}`),
    ];
    const errors = () => getters.getSheetIds().flatMap((sheetId) =>
        Object.values(getters.getEvaluatedCells(sheetId))
            .filter((cell) => cell.type === "error").map((cell) => cell.message));
    try {
        await until("the figures", () => !differences().length && !errors().length);
    } catch {
        throw new Error([...errors(), ...differences()].join("\n"));
    }
    // What a click opens: a cell, "Dashboard!B14"; a scorecard, "card0"; a chart's point, "weeks 0" or "weeks 0 of 1".
    const clickCell = (position) => {
        const { clickableCellRegistry } = odoo.loader.modules.get("@odoo/o-spreadsheet").registries;
        const items = clickableCellRegistry.getAll().sort((a, b) => a.sequence - b.sequence);
        return items.find((item) => item.condition(position, getters))?.execute;
    };
    const click = (name) => {
        if (name.includes("!")) {
            return clickCell(place(name))(place(name), { model, services, isDashboard: () => true });
        }
        const [id, point = 0, , series = 0] = name.split(" ");
        const canvas = document.querySelector(`.o-figure[data-id="${id}"] canvas`);
        const { left, top, width, height } = canvas.getBoundingClientRect();
        const middle = { x: width / 2, y: height / 2 };
        const { x, y } = window.Chart.getChart(canvas)?.getDatasetMeta(series).data[point].getCenterPoint() || middle;
        const at = { clientX: left + x, clientY: top + y, bubbles: true, cancelable: true };
        canvas.dispatchEvent(new MouseEvent("mousemove", at));
        canvas.dispatchEvent(new MouseEvent("click", at));
    };
    for (const [name, expected] of Object.entries(records || {})) {
        let action;
        services.action.doAction = async (opened) => { action = opened; };
        click(name);
        await until(`a click on ${name}`, () => action);
        const { res_model, domain, res_id } = action;
        const found = res_id ? 1 : domain && await services.orm.searchCount(res_model, domain);
        if (JSON.stringify([res_model, found]) !== JSON.stringify(expected)) {
            throw new Error(`${name} opens ${JSON.stringify(action)}: ${found} instead of ${expected}`);
        }
    }
    const dead = (position) =>
        getters.getEvaluatedCell(position).type === "number" && !clickCell(position);
    const deadCells = records && getters.getEvaluatedCellsPositions(getters.getSheetIds()[0]).filter(dead);
    if (deadCells?.length) {
        throw new Error(`figures that open nothing: ${JSON.stringify(deadCells)}`);
    }
    console.log("test successful");
})(EXPECTED).catch((error) => console.error(error.message));
