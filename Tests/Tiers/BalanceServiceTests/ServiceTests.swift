import Testing

/// Tests with a PostgreSQL and a service each: one after another, since their loads and bounds are
/// meant for a machine of their own.
@Suite(.serialized)
enum ServiceTests {}
