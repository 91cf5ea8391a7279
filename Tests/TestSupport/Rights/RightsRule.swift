/// What one request of a route or an rpc does, and who may have it done.
public struct RightsRule<Asker: Sendable>: Sendable {
    public enum Who: Sendable {
        /// Also somebody who has not signed in.
        case anybody
        /// Whoever has signed in.
        case anySession
        /// Whose the account is, and who pays.
        case owner
        case payee
        case `operator`
    }

    public typealias Ask = @Sendable (Asker, RightsSubject) async throws -> RightsVerdict

    let who: Who
    /// What those are told who may not even see it.
    let otherwise: String
    /// Whether it is a try to ask for what is another's.
    let isTry: Bool
    let ask: Ask

    /// - Parameter otherwise: What those are told who may not see what it is about; nil: it is about nothing.
    public init(
        _ who: Who, otherwise: String? = nil, isTry: Bool = true, _ ask: @escaping Ask
    ) {
        self.who = who
        self.otherwise = otherwise ?? "forbidden"
        self.isTry = isTry
        self.ask = ask
    }

    /// Who is refused, and by which code.
    var refusals: [(caller: RightsCaller, code: String)] {
        let signedOut = RightsCaller.signedOut.map { ($0, "unauthenticated") }
        return switch who {
        case .anybody: []
        case .anySession: signedOut
        case .owner: signedOut + [(.another, otherwise)]
        case .payee: signedOut + [(.another, otherwise), (.owner, "forbidden")]
        case .operator: signedOut + [(.another, otherwise), (.owner, "forbidden")]
        }
    }

    /// Who may.
    var rightful: RightsCaller {
        switch who {
        case .anybody: .nobody
        case .anySession: .another
        case .owner: .owner
        case .payee: .payee
        case .operator: .operator
        }
    }
}

/// What became of a request.
public struct RightsVerdict: Sendable, Equatable {
    /// Of the refusal; empty: it was done.
    public var code: String
    /// All that the caller is told, but for what differs from request to request.
    public var text: String

    public init(_ code: String, _ text: String = "") {
        self.code = code
        self.text = text
    }

    public static let done = RightsVerdict("")
}
