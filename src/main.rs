//! The binary: the command line, and the pages and APIs of all audiences.

fn main() {
    feira_node::cli::main(feira_apis::SITE)
}
