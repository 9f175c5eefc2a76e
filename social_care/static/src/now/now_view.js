import { HelpdeskKanbanViewRenderer } from "@helpdesk_mgmt/views/helpdesk_dashboard/helpdesk_team_kanban_view.esm";
import { Now } from "@social_care/now/now";
import { registry } from "@web/core/registry";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { KanbanRenderer } from "@web/views/kanban/kanban_renderer";
import { kanbanView } from "@web/views/kanban/kanban_view";

/** Conversations in a column for each agent, below the figures. */
export class NowController extends KanbanController {
    static template = "social_care.NowView";
    static components = { ...KanbanController.components, Now };

    onRefreshed() {
        return this.model.root.load();
    }
}

export class NowRenderer extends KanbanRenderer {
    /** Odoo's own shows nothing at all where not even one agent has a column. */
    get showNoContentHelper() {
        const { isGrouped, groups } = this.props.list;
        return (isGrouped && !groups.length) || super.showNoContentHelper;
    }
}

registry.category("views").add("social_care_now", {
    ...kanbanView,
    Controller: NowController,
    Renderer: NowRenderer,
});

Object.assign(HelpdeskKanbanViewRenderer.components, { Now });
