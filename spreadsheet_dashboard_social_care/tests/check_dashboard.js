// Run in a page with the dashboard: waits for its data, then compares cells and charts with what is expected.
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
(async ({ period, cells, charts }) => {
    const { model } = await until("a dashboard", () => {
        const services = odoo.__WOWL_DEBUG__?.root?.env.services;
        const dashboard = services?.spreadsheet_dashboard_loader?.getActiveDashboard();
        return dashboard?.model && dashboard;
    });
    const { getters } = model;
    if (period) {
        model.dispatch("SET_GLOBAL_FILTER_VALUE", { id: "period", value: period });
    }
    const read = (name) => {
        const [sheet, cell] = name.split("!");
        const position = { col: cell.charCodeAt(0) - 65, row: Number(cell.slice(1)) - 1 };
        const sheetId = getters.getSheetIds().find((id) => getters.getSheetName(id) === sheet);
        return getters.getEvaluatedCell({ sheetId, ...position }).value ?? "";
    };
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
    console.log("test successful");
})(EXPECTED).catch((error) => console.error(error.message));
