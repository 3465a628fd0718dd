//! What a build before has kept, in either mode. Those on the services drop all tables there, and so are the last to run.

mod asked;
mod embedded;
mod services;
