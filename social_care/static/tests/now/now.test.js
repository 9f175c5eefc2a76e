import { Now } from "@social_care/now/now";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { advanceTime, animationFrame, mockDate } from "@odoo/hoot-mock";
import {
    contains,
    getService,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { user } from "@web/core/user";

describe.current.tags("headless");

defineMailModels();

const CARE = {
    id: 1,
    name: "Care",
    waiting: 3,
    late: 1,
    due: 1,
    oldest: "2026-08-17 08:00:00",
    to_approve: 2,
    held: 0,
    agents: [
        { id: 7, name: "Marta", on_shift: true, available: true, load: 3, capacity: 6 },
        { id: 8, name: "Noa", on_shift: false, available: false, load: 1, capacity: 0 },
    ],
};

async function mountNow(figures, { isAgent = true, onRefreshed } = {}) {
    mockDate("2026-08-17 10:30:00", 0);
    patchWithCleanup(user, { hasGroup: async () => isAgent });
    onRpc("helpdesk.ticket.team", "get_now", () => {
        expect.step("get_now");
        return figures;
    });
    await mountWithCleanup(Now, { props: { board: true, onRefreshed } });
}

test("a team in a row: who waits, who is late, who is there", async () => {
    await mountNow({ teams: [CARE], accounts: [], next_at: false });
    expect.verifySteps(["get_now"]);
    expect(".o_social_care_now_team").toHaveCount(1);
    expect("button:contains('3 waiting')").toHaveCount(1);
    expect("button:contains('1 late')").toHaveCount(1);
    expect("button:contains('2 to approve')").toHaveCount(1);
    expect("button:contains('held')").toHaveCount(0);
    expect("button:contains('longest: 2 h 30 min')").toHaveCount(1);
    expect(".badge:contains('Marta 3/6') .fa-check-circle").toHaveCount(1);
    expect(".badge:contains('Noa 1') .fa-moon-o").toHaveCount(1);
});

test("each figure opens its rows", async () => {
    await mountNow({ teams: [CARE], accounts: [], next_at: false });
    expect.verifySteps(["get_now"]);
    onRpc("helpdesk.ticket.team", "get_now_rows", ({ args }) => {
        expect.step(args.join(" "));
        return { type: "ir.actions.act_window_close" };
    });
    for (const figure of ["3 waiting", "1 late", "1 due", "longest", "2 to approve", "Noa"]) {
        await contains(`button:contains('${figure}')`).click();
    }
    expect.verifySteps([
        "1 waiting false",
        "1 late false",
        "1 due false",
        "1 oldest false",
        "1 to_approve false",
        "1 load 8",
    ]);
});

test("many changes are read once, after a pause", async () => {
    const onRefreshed = () => expect.step("board");
    await mountNow({ teams: [CARE], accounts: [], next_at: false }, { onRefreshed });
    expect.verifySteps(["get_now"]);
    for (let change = 0; change < 3; change++) {
        getService("bus_service").trigger("BUS:RECONNECT");
    }
    await advanceTime(3000);
    expect.verifySteps([]);
    await advanceTime(1500);
    await animationFrame();
    expect.verifySteps(["get_now", "board"]);
    await advanceTime(60000);
    expect.verifySteps([], { message: "nothing is asked in between" });
});

test("what changes with the time alone is read when it changes", async () => {
    await mountNow({ teams: [CARE], accounts: [], next_at: "2026-08-17 11:00:00" });
    expect.verifySteps(["get_now"]);
    await advanceTime(29 * 60 * 1000);
    expect.verifySteps([]);
    await advanceTime(61 * 1000);
    await animationFrame();
    expect.verifySteps(["get_now"]);
});

test("who is no agent asks nothing and sees nothing", async () => {
    await mountNow({}, { isAgent: false });
    expect.verifySteps([]);
    expect(".o_social_care_now_team").toHaveCount(0);
});
