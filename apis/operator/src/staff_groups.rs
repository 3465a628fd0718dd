//! Groups of the platform's own staff: listed, made, changed, removed.

use feira_web::{commands::KEPT, groups_json, reads, routing::Route, team_json::BODY_BYTES};
use http::Method;

use crate::staff::json_of;

const ALL: &str = "/api/operator/v1/staff-groups";
const ONE: &str = "/api/operator/v1/staff-groups/{id}";

/// The routes of groups of the platform's staff.
pub fn routes() -> Vec<Route> {
    let kept = |route: Route| {
        let route = route.for_operator().keyed();
        route.gives(202, KEPT, json_of("PendingCommand")).with_headers(&["Location"])
    };
    let patched = vec![("application/merge-patch+json", "GroupPatch"), ("application/json", "GroupPatch")];
    let made = Route::new(Method::POST, ALL, groups_json::create)
        .takes(vec![("application/json", "GroupBody")], BODY_BYTES)
        .gives(201, "The new group.", json_of("StaffGroup"))
        .with_headers(&["Location", "ETag", "Feira-Position"]);
    let changed = Route::new(Method::PATCH, ONE, groups_json::patch)
        .versioned()
        .takes(patched, BODY_BYTES)
        .gives(200, "The group.", json_of("StaffGroup"))
        .with_headers(&["ETag", "Feira-Position"]);
    let removed = Route::new(Method::DELETE, ONE, groups_json::delete)
        .versioned()
        .gives(204, "The group is removed, and nobody is in it.", None)
        .with_headers(&["Feira-Position"]);
    vec![
        Route::get(ALL, groups_json::list)
            .for_operator()
            .query([reads::AFTER, reads::LIMIT])
            .gives(200, "A page of groups, by name.", json_of("StaffGroupPage"))
            .problems(&[409])
            .says("Lists the groups of the platform's staff, with what each gives."),
        kept(made).says("Makes a group of the platform's staff."),
        Route::get(ONE, groups_json::read)
            .for_operator()
            .gives_json("The group.", "StaffGroup")
            .with_headers(&["ETag"])
            .gives(304, "The version that the client has is the present one.", None)
            .with_headers(&["ETag"])
            .problems(&[409])
            .says("Reads a group of the platform's staff."),
        kept(changed).says("Changes a group's name, or what its members may do by it."),
        kept(removed).says("Removes a group, which leaves each of its members."),
    ]
}
