//! The data of builds before, in either mode. Tests on the services drop all tables there, and so are the last to run.

mod asked;
mod embedded;
mod payments;
mod services;
mod staff;
