/// Why the database could not be brought to this version of the schema.
enum MigrationError: Error, CustomStringConvertible {
    /// A file was applied and is another one now.
    case changed(name: String)
    /// The database has a migration that this program does not know.
    case unknown(name: String)

    var description: String {
        switch self {
        case .changed(let name):
            """
            sql/\(name).sql was changed after it was applied to this database: restore the file, \
            and put the change into a new migration
            """
        case .unknown(let name):
            """
            the database has the migration \(name), which this program does not know: \
            use the balance-service that applied it, or a newer one
            """
        }
    }
}
