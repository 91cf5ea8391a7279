/// One file of sql/, as it is built into the executable.
struct Migration: Sendable {
    /// The file's name without its extension, such as `0002_ledger`; migrations run in its order.
    let name: String
    /// The file's text: trusted, since it is part of the program.
    let sql: String

    init(name: String, bytes: [UInt8]) {
        self.name = name
        sql = String(decoding: bytes, as: UTF8.self)
    }

    /// Identifies the text: FNV-1a, 64 bits. It finds a file that was changed by mistake; it is
    /// no defence against somebody who can write to the database anyway.
    ///
    /// Source: Fowler, Noll and Vo, "The FNV Non-Cryptographic Hash Algorithm".
    var checksum: Int64 {
        let hash = sql.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { hash, byte in
            (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        return Int64(bitPattern: hash)
    }

    /// All of them, in order. A test holds the list against the folder.
    static let all = [
        Migration(name: "0001_roles", bytes: PackageResources._001_roles_sql),
        Migration(name: "0002_ledger", bytes: PackageResources._002_ledger_sql),
        Migration(name: "0003_bounds", bytes: PackageResources._003_bounds_sql),
        Migration(name: "0004_owners", bytes: PackageResources._004_owners_sql),
        Migration(name: "0005_identity", bytes: PackageResources._005_identity_sql),
        Migration(name: "0006_rights", bytes: PackageResources._006_rights_sql),
        Migration(name: "0007_old_sessions", bytes: PackageResources._007_old_sessions_sql),
        Migration(name: "0008_demo_people", bytes: PackageResources._008_demo_people_sql),
    ]

    /// People with accounts to play with; not a migration, and safe to repeat.
    static let demo = Migration(name: "demo", bytes: PackageResources.demo_sql)
}
