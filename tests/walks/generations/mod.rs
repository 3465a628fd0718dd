//! What a build before has kept, in either mode. Those on the services drop all tables there, and so are the last to run.

mod embedded;
mod services;
