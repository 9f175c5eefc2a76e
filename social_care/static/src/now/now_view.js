import { HelpdeskKanbanViewRenderer } from "@helpdesk_mgmt/views/helpdesk_dashboard/helpdesk_team_kanban_view.esm";
import { Now } from "@social_care/now/now";
import { registry } from "@web/core/registry";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { kanbanView } from "@web/views/kanban/kanban_view";

/** Conversations in a column for each agent, below the figures. */
export class NowController extends KanbanController {
    static template = "social_care.NowView";
    static components = { ...KanbanController.components, Now };

    onRefreshed() {
        return this.model.root.load();
    }
}

registry.category("views").add("social_care_now", { ...kanbanView, Controller: NowController });

Object.assign(HelpdeskKanbanViewRenderer.components, { Now });
