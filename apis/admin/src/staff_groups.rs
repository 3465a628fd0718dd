//! Groups of the shop's own staff: listed, made, changed, removed.

use feira_web::{
    groups_json, reads,
    routing::Route,
    sessions::{Access, Area},
    team_json::BODY_BYTES,
};
use http::Method;

use super::kinds::{changing, creating, json_of, reading, removing};

const ALL: &str = "/api/admin/v1/staff-groups";
const ONE: &str = "/api/admin/v1/staff-groups/{id}";

/// The routes of groups of the shop's staff.
pub fn routes() -> Vec<Route> {
    let write = Access::write(Area::Team);
    vec![
        Route::get(ALL, groups_json::list)
            .for_staff(Access::read(Area::Team))
            .query([reads::AFTER, reads::LIMIT])
            .gives(200, "A page of groups, by name.", json_of("StaffGroupPage"))
            .problems(&[409])
            .says("Lists the groups of the shop's staff, with what each gives."),
        creating(Route::new(Method::POST, ALL, groups_json::create), write, "StaffGroup")
            .takes(vec![("application/json", "GroupBody")], BODY_BYTES)
            .says("Makes a group of the shop's staff."),
        reading(Route::get(ONE, groups_json::read), Area::Team, "StaffGroup")
            .says("Reads a group of the shop's staff."),
        changing(Route::new(Method::PATCH, ONE, groups_json::patch), write, "StaffGroup")
            .takes(vec![("application/merge-patch+json", "GroupPatch"), ("application/json", "GroupPatch")], BODY_BYTES)
            .says("Changes a group of the shop's staff: its name, or what its members may do by it."),
        removing(Route::new(Method::DELETE, ONE, groups_json::delete), write)
            .says("Removes a group, which leaves each of its members."),
    ]
}
