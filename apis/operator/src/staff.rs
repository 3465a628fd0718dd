//! The platform's own staff, which logs in at `/operator`: invited, listed, changed, given a link to choose a password. What answers is the
//! same as for shops' staff ([`team_json`]).

pub(super) use feira_web::team_json::private;
use feira_web::{
    commands::KEPT,
    reads,
    routing::Route,
    team_json::{self, BODY_BYTES},
};
use http::Method;

const ALL: &str = "/api/operator/v1/staff";
const ONE: &str = "/api/operator/v1/staff/{id}";
const LINK: &str = "/api/operator/v1/staff/{id}/link";
const SESSIONS: &str = "/api/operator/v1/staff/{id}/sessions/end";

/// The routes of the platform's staff.
pub fn routes() -> Vec<Route> {
    let written = |route: Route| {
        let route = route.for_operator().keyed().gives(200, "The member.", json_of("StaffMember"));
        let route = route.with_headers(&["ETag", "Feira-Position"]);
        route.gives(202, KEPT, json_of("PendingCommand")).with_headers(&["Location"])
    };
    vec![
        Route::get(ALL, team_json::list)
            .for_operator()
            .query([reads::AFTER, reads::LIMIT])
            .gives(200, "A page of members, oldest first.", json_of("StaffPage"))
            .problems(&[409])
            .says("Lists the platform's staff, those that are disabled among them."),
        Route::new(Method::POST, ALL, team_json::invite)
            .for_operator()
            .keyed()
            .takes(vec![("application/json", "StaffBody")], BODY_BYTES)
            .gives(201, "The new member, and the link by which it chooses its password.", json_of("StaffInvited"))
            .with_headers(&["Location", "ETag", "Feira-Position"])
            .gives(200, "The member that was invited already, as it is, and a new link.", json_of("StaffInvited"))
            .with_headers(&["Location", "ETag", "Feira-Position"])
            .gives(202, KEPT, json_of("PendingCommand"))
            .with_headers(&["Location"])
            .says("Invites somebody to the platform's staff, and shows the link by which a password is chosen."),
        Route::get(ONE, team_json::read)
            .for_operator()
            .gives(200, "The member.", json_of("StaffMember"))
            .with_headers(&["ETag"])
            .problems(&[409])
            .says("Reads a member of the platform's staff."),
        written(Route::new(Method::PATCH, ONE, team_json::patch))
            .versioned()
            .takes(vec![("application/merge-patch+json", "StaffPatch"), ("application/json", "StaffPatch")], BODY_BYTES)
            .says("Changes a member's name, state, or what it may do. One that is disabled is logged out."),
        Route::new(Method::POST, LINK, team_json::link)
            .for_operator()
            .gives(200, "A link by which the member chooses its password.", json_of("StaffLink"))
            .problems(&[403, 409])
            .says("Makes a link by which a member chooses its password: the first one, or another."),
        written(Route::new(Method::POST, SESSIONS, team_json::end_sessions)).says("Ends every session of a member."),
    ]
}

pub(super) fn json_of(schema: &'static str) -> Option<(&'static str, &'static str)> {
    Some(("application/json", schema))
}
