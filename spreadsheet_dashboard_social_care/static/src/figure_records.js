import { components } from "@odoo/o-spreadsheet";
import { isChartJSMiddleClick } from "@spreadsheet/chart/odoo_chart/odoo_chart_helpers";
import { SEE_RECORDS_PIVOT, SEE_RECORDS_PIVOT_VISIBLE } from "@spreadsheet/pivot/pivot_actions";
// What is patched here, it patches first.
import "@spreadsheet_dashboard/bundle/chart/chart_js_component_dashboard";
import { patch } from "@web/core/utils/patch";

/*
 * Odoo opens the rows of a pivot's cell as the dashboard is filtered; scorecards and charts of such cells lead to a
 * menu, which knows no filters. Here those without a menu open the rows of their cell.
 */

/** The position of a cell that has rows to see. */
function cellWithRecords({ sheetId, zone }, offset, getters) {
    const position = { sheetId, col: zone.left, row: zone.top + offset };
    return SEE_RECORDS_PIVOT_VISIBLE(position, getters) ? position : undefined;
}

patch(components.ScorecardChart.prototype, {
    get cellWithRecords() {
        const { getters } = this.env.model;
        const { keyValue } = getters.getChart(this.props.chartId);
        if (this.hasOdooMenu || !keyValue || !this.env.isDashboard()) {
            return undefined;
        }
        return cellWithRecords(keyValue, 0, getters);
    },
    async onClick() {
        const cell = this.cellWithRecords;
        await (cell ? SEE_RECORDS_PIVOT(cell, this.env) : super.onClick());
    },
});

patch(components.ChartJsComponent.prototype, {
    addOdooMenuPluginToChartData(chartData) {
        const data = super.addOdooMenuPluginToChartData(chartData);
        const { getters } = this.env.model;
        const { type } = getters.getChart(this.props.chartId);
        const { options } = data.chartJsConfig;
        if (["bar", "line"].includes(type) && !options.plugins.chartOdooMenuPlugin.menu) {
            options.plugins.chartOdooMenuPlugin = false; // it takes the pointer away
            options.onHover = (event, items, chart) => {
                event.native.target.style.cursor = this.pointWithRecords(items, chart) ? "pointer" : "";
            };
            options.onClick = async (event, items, chart) => {
                const isMiddleClick = isChartJSMiddleClick(event);
                const cell = this.pointWithRecords(items, chart);
                if (cell && (event.type === "click" || isMiddleClick)) {
                    await SEE_RECORDS_PIVOT(cell, this.env, isMiddleClick);
                }
            };
        }
        return data;
    },
    /** The position of the cell that a point of a chart shows, if it has rows to see. */
    pointWithRecords([point], chart) {
        const { getters } = this.env.model;
        const series = point && getters.getChart(this.props.chartId).dataSets[point.datasetIndex];
        if (!series || series.dataRange.zone.left !== series.dataRange.zone.right) {
            return undefined;
        }
        const offset = point.index + (series.labelCell ? 1 : 0);
        const cell = cellWithRecords(series.dataRange, offset, getters);
        // Charts leave empty rows out, so that the cell might be another.
        const shown = chart.data.datasets[point.datasetIndex].data[point.index];
        return cell && getters.getEvaluatedCell(cell).value === shown ? cell : undefined;
    },
});
