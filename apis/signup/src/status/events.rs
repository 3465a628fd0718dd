//! `/assinatura/{link}/eventos`: how far a subscription is, told as it changes.

use std::{convert::Infallible, sync::Arc, time::Duration};

use bytes::Bytes;
use feira_schemas::{problem::Code, signup_link::SignupLink};
use feira_web::{
    context::Api,
    problem::Problem,
    reply::{self, Response},
    routing::{Request, Route},
};
use serde_json::json;
use tokio::sync::{
    Semaphore,
    mpsc::{self, Sender},
};
use tokio_stream::wrappers::ReceiverStream;

use super::{known, link, model};

/// Streams of a process: each is a connection, of which it has 10,000. Who finds no place asks again by and by.
const STREAMS: usize = 2_000;
/// The time between two looks at the row.
const BETWEEN: Duration = Duration::from_millis(500);
/// Looks of one stream: two minutes. A browser connects again by itself.
const LOOKS: u32 = 240;
/// Looks after which something is sent though nothing is new, by which who has gone is noticed.
const SILENT: u32 = 30;
/// Bytes of a stream that are in memory at once: an event has some dozens.
const HELD: usize = 1_024;

/// The places of this process.
static PLACES: Semaphore = Semaphore::const_new(STREAMS);

pub(super) fn route() -> Route {
    Route::get("/assinatura/{link}/eventos", events)
        .on_platform()
        .holds(HELD)
        .gives(200, "Events of the type `status`, for two minutes at most.", Some(("text/event-stream", "Text")))
        .problems(&[503])
        .says("Tells how far a subscription is, as it changes.")
}

async fn events(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let link = link(&api, &request)?;
    let Ok(place) = PLACES.try_acquire() else {
        let detail = "Há páginas demais abertas neste momento. Esta se atualiza sozinha em alguns segundos.";
        return Err(Problem::new(Code::Unavailable, detail));
    };
    let (sender, receiver) = mpsc::channel(4);
    tokio::spawn(async move {
        let _place = place;
        tell(&api, link, &sender).await;
    });
    Ok(reply::events(ReceiverStream::new(receiver)))
}

/// Tells what is new until nothing more comes by itself, nobody listens, or the time is over.
async fn tell(api: &Api, link: SignupLink, listener: &Sender<Result<Bytes, Infallible>>) {
    let (mut told, mut silent, mut stop) = (String::new(), 0, api.stop.clone());
    for _ in 0..LOOKS {
        // What can't be read now is read by the next look.
        let Ok(known) = known(api, link).await else {
            tokio::time::sleep(BETWEEN).await;
            continue;
        };
        let now = api.platform.now();
        let state = model::state(known.as_ref(), now);
        silent = if state == told { silent + 1 } else { 0 };
        let news = match (state == told, silent) {
            (false, _) => Some(event(model::word(known.as_ref()), &state)),
            (true, SILENT) => Some(Bytes::from_static(b": \n\n")),
            (true, _) => None,
        };
        silent %= SILENT;
        if let Some(news) = news
            && listener.send(Ok(news)).await.is_err()
        {
            return;
        }
        told = state;
        if !model::said(known.as_ref(), link.made_at(), now).waits {
            return;
        }
        tokio::select! {
            () = tokio::time::sleep(BETWEEN) => {}
            () = listener.closed() => return,
            _ = stop.changed() => return,
        }
    }
}

fn event(status: &str, state: &str) -> Bytes {
    format!("event: status\ndata: {}\n\n", json!({"status": status, "state": state})).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line_of_json_under_its_name() {
        let event = event("paying", "3-late");
        assert_eq!(&event[..], b"event: status\ndata: {\"status\":\"paying\",\"state\":\"3-late\"}\n\n");
    }
}
