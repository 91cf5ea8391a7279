internal import CLibPQ

/// Why a connection could not be made. libpq gives its text only.
func connectError(_ connection: OpaquePointer) -> PostgresError {
    let text = PQerrorMessage(connection).map { String(cString: $0) } ?? ""
    let sqlState = sqlState(inVerbose: text)
    let code: PostgresError.Code =
        switch sqlState {
        case .some(let state) where state.hasPrefix("28"): .authenticationFailed
        case .some: .server
        case nil:
            PQconnectionNeedsPassword(connection) == 1 ? .authenticationFailed : .connectionRefused
        }
    let isSafe = code == .connectionRefused || code == .server
    return PostgresError(
        code, detail: text, sqlState: sqlState, isSafeToRetry: isSafe, isConnectFailure: true)
}

/// The SQLSTATE in `FATAL:  28P01: password authentication failed …`, whatever the language.
private func sqlState(inVerbose text: String) -> String? {
    for line in text.split(whereSeparator: \.isNewline) {
        let parts = line.split(separator: ":", omittingEmptySubsequences: false)
        for part in parts.dropFirst().dropLast() where part.hasPrefix("  ") {
            let state = part.dropFirst(2)
            let isState =
                state.utf8.count == 5
                && state.allSatisfy {
                    $0.isASCII && ($0.isNumber || $0.isUppercase)
                }
            if isState { return String(state) }
        }
    }
    return nil
}
