import { withAt } from "@social_care/core/text";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { Component } from "@odoo/owl";

/** In whose name an answer goes out: picture, name, handle and the brand's colour. */
export class BrandField extends Component {
    static template = "social_care.BrandField";
    static props = { ...standardFieldProps };

    get brand() {
        return this.props.record.data[this.props.name];
    }

    get handle() {
        return withAt(this.brand.handle);
    }

    get style() {
        const { color } = this.brand;
        return color ? `border-inline-start-color: ${color} !important` : "";
    }
}

registry.category("fields").add("social_care_brand", {
    component: BrandField,
    supportedTypes: ["json"],
});
