internal import CLibPQ
internal import Foundation

/// What is given to libpq: the connection string with what the configuration adds.
struct ConnectionParameters: Sendable {
    var keywords: [(name: String, value: String)] = []
    /// For each host.
    let connectTimeout: Duration

    /// - Parameter environment: looks up a variable of the process's environment.
    init(
        _ configuration: PostgresConfiguration,
        environment: (String) -> String? = { getenv($0).map { String(cString: $0) } }
    ) throws(PostgresError) {
        let given = try Self.parse(configuration.connectionString)
        var timeout = configuration.connectTimeout
        var options = environment("PGOPTIONS")
        for (name, value) in given {
            switch name {
            case "options": options = value
            // libpq counts it only in its blocking calls; 0 means no end, which no caller wants.
            case "connect_timeout":
                if let seconds = Int(value), seconds > 0 { timeout = .seconds(seconds) }
            default: keywords.append((name, value))
            }
        }
        var settings = configuration.settings
        settings["role"] = configuration.role ?? settings["role"]
        for (name, value) in settings.sorted(by: { $0.key < $1.key }) {
            options = (options.map { $0 + " " } ?? "") + "-c \(name)=\(Self.escape(option: value))"
        }
        if let options { keywords.append(("options", options)) }
        keywords.append(("fallback_application_name", configuration.applicationName))
        keywords.append(("client_encoding", "UTF8"))
        connectTimeout = timeout
        addHosts(from: environment)
        addTLS(from: environment)
    }

    /// In `options` a backslash escapes a space or a backslash.
    private static func escape(option: String) -> String {
        var text = String.UnicodeScalarView()
        for scalar in option.unicodeScalars {
            if scalar == " " || scalar == "\\" { text.append("\\") }
            text.append(scalar)
        }
        return String(text)
    }

    private static func parse(
        _ connectionString: String
    ) throws(PostgresError) -> [(String, String)] {
        var message: UnsafeMutablePointer<CChar>?
        guard let parsed = PQconninfoParse(connectionString, &message) else {
            let why = message.map { String(cString: $0) } ?? "out of memory"
            PQfreemem(message)
            throw PostgresError(.configuration, detail: safePart(of: why))
        }
        defer { PQconninfoFree(parsed) }
        var pairs: [(String, String)] = []
        var option = parsed
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val {
                pairs.append((String(cString: keyword), String(cString: value)))
            }
            option += 1
        }
        try checkPlace(in: pairs, of: connectionString)
        return pairs
    }

    /// A password with a reserved character in it, not percent-encoded, ends up in host and port, which
    /// libpq's messages quote.
    private static func checkPlace(
        in pairs: [(String, String)], of connectionString: String
    ) throws(PostgresError) {
        let isURI = ["postgresql://", "postgres://"].contains {
            connectionString.utf8.starts(with: $0.utf8)
        }
        // scheme, nothing, hosts, path
        let parts = connectionString.unicodeScalars.split(
            separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        // A slash in the password ends the hosts, and the rest of it is in the path.
        let isSplit = isURI && parts.count == 4 && parts[3].prefix { $0 != "?" }.contains("@")
        let isSound =
            !isSplit
            && pairs.allSatisfy { name, value in
                switch name {
                // Outside of URIs the name of an abstract Unix-domain socket begins with it.
                case "host": !isURI || !value.utf8.contains(UInt8(ascii: "@"))
                // Several ports are separated by commas.
                case "port": value.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2C }
                default: true
                }
            }
        if isSound { return }
        throw PostgresError(
            .configuration,
            detail: """
                the connection string's host or port is not valid; in a URI, characters of the \
                password other than letters and digits must be percent-encoded
                """)
    }

    /// libpq quotes the connection string, which may hold a password, after a colon or quotation mark.
    private static func safePart(of message: String) -> String {
        let reason = message.unicodeScalars.prefix { $0 != "\"" && $0 != ":" && $0 != "\n" }
        return "the connection string is not one that libpq takes: \(String(reason))"
    }
}

extension ConnectionParameters {
    /// Calls `body` with null-terminated arrays of C strings.
    func withLibPQArrays<Result>(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<UnsafePointer<CChar>?>) ->
            Result
    ) -> Result {
        let names = keywords.map { strdup($0.name) }
        let values = keywords.map { strdup($0.value) }
        defer { (names + values).forEach { free($0) } }
        return body(
            names.map { UnsafePointer($0) } + [nil], values.map { UnsafePointer($0) } + [nil])
    }
}
