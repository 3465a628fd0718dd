//! Pictures that an import named by their address: asked for, and brought to their products.
//!
//! An event names a picture as long as it waits. It is asked for when its turn comes and the product's row says that it still
//! waits, at most four times, and what came of it is said by a command: the file, or why there is none. So one that was had,
//! removed or given up is never asked for again, whatever is read twice; and the group begins at the start of the log, where
//! history costs a row's read and no request.
//!
//! Nothing is kept but the group's position, which waits for the lowest event with a picture that is not finished. A picture
//! that can't be had stops nothing: the others are asked for meanwhile, shop by shop.

mod attempt;
mod queue;
mod run;

use feira_schemas::groups;

pub use run::{EffectError, PictureSettings, Pictures};

/// The consumer group.
const GROUP: &str = groups::PICTURES.name;
