//! The shop's own staff: invited, listed, changed, given a link to choose a password. What answers is the same as for the platform's
//! staff ([`team_json`]).

use feira_web::{
    reads,
    routing::Route,
    sessions::{Access, Area},
    team_json::{self, BODY_BYTES},
};
use http::Method;

use super::kinds::{command, json_of};

const ALL: &str = "/api/admin/v1/staff";
const ONE: &str = "/api/admin/v1/staff/{id}";
const LINK: &str = "/api/admin/v1/staff/{id}/link";
const SESSIONS: &str = "/api/admin/v1/staff/{id}/sessions/end";
/// What changes the staff.
const WRITE: Access = Access::write(Area::Team);

/// The routes of the shop's staff.
pub fn routes() -> Vec<Route> {
    let written = |route: Route| {
        let route = route.for_staff(WRITE).gives(200, "The member.", json_of("StaffMember"));
        command(route.with_headers(&["ETag", "Feira-Position"]))
    };
    let invited = Route::new(Method::POST, ALL, team_json::invite)
        .for_staff(WRITE)
        .takes(vec![("application/json", "StaffBody")], BODY_BYTES)
        .gives(201, "The new member, and the link by which it chooses its password.", json_of("StaffInvited"))
        .with_headers(&["Location", "ETag", "Feira-Position"])
        .gives(200, "The member that was invited already, as it is, and a new link.", json_of("StaffInvited"))
        .with_headers(&["Location", "ETag", "Feira-Position"]);
    vec![
        Route::get(ALL, team_json::list)
            .for_staff(Access::read(Area::Team))
            .query([reads::AFTER, reads::LIMIT])
            .gives(200, "A page of members, oldest first.", json_of("StaffPage"))
            .problems(&[409])
            .says("Lists the shop's staff, those that are disabled among them."),
        command(invited)
            .says("Invites somebody to the shop's staff, and shows the link by which a password is chosen."),
        Route::get(ONE, team_json::read)
            .for_staff(Access::read(Area::Team))
            .gives(200, "The member.", json_of("StaffMember"))
            .with_headers(&["ETag"])
            .problems(&[409])
            .says("Reads a member of the shop's staff."),
        written(Route::new(Method::PATCH, ONE, team_json::patch))
            .versioned()
            .takes(vec![("application/merge-patch+json", "StaffPatch"), ("application/json", "StaffPatch")], BODY_BYTES)
            .says("Changes a member of the shop's staff: name, state, or what it may do. One that is disabled is logged out."),
        Route::new(Method::POST, LINK, team_json::link)
            .for_staff(WRITE)
            .gives(200, "A link by which the member chooses its password.", json_of("StaffLink"))
            .problems(&[409])
            .says("Makes a link by which a member chooses its password: the first one, or another."),
        written(Route::new(Method::POST, SESSIONS, team_json::end_sessions)).says("Ends every session of a member."),
    ]
}
