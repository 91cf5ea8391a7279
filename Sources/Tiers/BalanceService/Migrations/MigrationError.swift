import Chain

/// Why the database could not be brought to this version of the schema.
enum MigrationError: Error, CustomStringConvertible {
    /// A file was applied and is another one now.
    case changed(name: String)
    /// A database that cannot hold every name and memo.
    case encoding(String)
    /// The database has a migration that this program does not know.
    case unknown(name: String)

    /// How a command ends that meets it.
    var status: TierFailure.Status {
        if case .encoding = self { return .configuration }
        return .dataError
    }

    var description: String {
        switch self {
        case .changed(let name):
            """
            sql/\(name).sql was changed after it was applied to this database: restore the file, \
            and put the change into a new migration
            """
        case .encoding(let name):
            """
            the database has the encoding \(name), and UTF8 is needed: create one with \
            ENCODING 'UTF8'
            """
        case .unknown(let name):
            """
            the database has the migration \(name), which this program does not know: \
            use the balance-service that applied it, or a newer one
            """
        }
    }
}
