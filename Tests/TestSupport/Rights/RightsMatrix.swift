/// Lets everybody ask for everything, and tells where the bank did not do as the rules say.
public struct RightsMatrix<Asker: Sendable>: Sendable {
    public typealias Rules = [String: [RightsRule<Asker>]]

    /// What somebody asks by.
    public enum Token: Sendable {
        case none, malformed
        case of(TestSession)

        init(_ session: TestSession?) { self = session.map { .of($0) } ?? .none }
    }

    let database: String
    let subject: RightsSubject
    /// Who asks with a token, in a trace of the id.
    let asker: @Sendable (Token, _ traceID: String) -> Asker
    /// Whether what has not the form of a token is refused, and recorded, before tier 3.
    let isFormChecked: Bool

    public init(
        _ database: String, _ subject: RightsSubject, isFormChecked: Bool,
        asker: @escaping @Sendable (Token, _ traceID: String) -> Asker
    ) {
        self.database = database
        self.subject = subject
        self.isFormChecked = isFormChecked
        self.asker = asker
    }

    /// - Parameter isLogged: Whether the tier that checks the form has logged the trace.
    /// - Returns: What is not as it is to be.
    public func faults(
        _ rules: Rules, isLogged: @Sendable (_ traceID: String) -> Bool = { _ in true }
    ) async throws -> [String] {
        var faults: [String] = []
        var events: [String: Trial] = [:]
        let trials = try await trials(rules)
        let before = try await Books.read(database)
        for trial in trials {
            let trace = Self.traceID()
            let given = await verdict(trial, trace, subject)
            if given.code != trial.code {
                faults.append("\(trial): '\(given.code)', not '\(trial.code)'")
            }
            if isFormChecked, trial.caller == .malformed {
                try await eventually { isLogged(trace) }
            } else if trial.rule.isTry || RightsCaller.signedOut.contains(trial.caller) {
                events[trace] = trial
            }
            if trial.caller == .another { faults += try await toldApart(trial, given) }
        }
        faults += try await unrecorded(events)
        let after = try await Books.read(database)
        if after != before { faults.append("the books were \(before) and are \(after)") }
        return try await faults + refusedToTheRightful(rules)
    }

    /// A request that is to be refused.
    private struct Trial: CustomStringConvertible {
        let name: String
        let rule: RightsRule<Asker>
        let caller: RightsCaller
        let session: TestSession?
        let code: String

        var description: String { "\(name) by \(caller)" }
    }

    /// All of them, with the sessions open.
    private func trials(_ rules: Rules) async throws -> [Trial] {
        var trials: [Trial] = []
        var opened: Set<TestSession> = []
        for (number, (name, rule)) in rules.inOrder().enumerated() {
            for (caller, code) in rule.refusals {
                let session = caller.session(for: number)
                if let session, caller != .stranger, opened.insert(session).inserted {
                    try await session.open(in: database)
                }
                trials.append(
                    Trial(name: name, rule: rule, caller: caller, session: session, code: code))
            }
        }
        return trials
    }

    private func verdict(
        _ trial: Trial, _ traceID: String, _ subject: RightsSubject
    ) async -> RightsVerdict {
        let token = trial.caller == .malformed ? .malformed : Token(trial.session)
        return await verdict(trial.rule, asker(token, traceID), subject)
    }

    private func verdict(
        _ rule: RightsRule<Asker>, _ asker: Asker, _ subject: RightsSubject
    ) async -> RightsVerdict {
        do { return try await rule.ask(asker, subject) } catch { return .init("\(error)") }
    }

    /// What is another's must look as what there is not.
    private func toldApart(_ trial: Trial, _ given: RightsVerdict) async throws -> [String] {
        let absent = try RightsSubject.absent
        let other = await verdict(trial, Self.traceID(), absent)
        let texts = (subject.normalized(given.text), absent.normalized(other.text))
        if given.code == other.code, texts.0 == texts.1 { return [] }
        return ["\(trial): what there is is told from what there is not: \(given) and \(other)"]
    }

    /// The trail is written behind the answers.
    private func unrecorded(_ events: [String: Trial]) async throws -> [String] {
        var missing = events
        do {
            try await eventually(within: .seconds(30)) {
                let rows = try await TestPostgres.psql(
                    database,
                    """
                    SELECT trace_id || ' ' || string_agg(event || '|' || coalesce(name, ''), ',')
                    FROM identity.events WHERE trace_id IS NOT NULL GROUP BY trace_id
                    """)
                for row in rows.split(separator: "\n") {
                    let words = row.split(separator: " ").map(String.init)
                    guard words.count == 2, let trial = missing[words[0]] else { continue }
                    if trial.caller.event(of: trial.session) == words[1] { missing[words[0]] = nil }
                }
                return missing.isEmpty
            }
        } catch is TestFailure {}
        return missing.values.map { "\($0): not in the trail, or not once" }
    }

    /// Else it would be no proof that others are refused.
    private func refusedToTheRightful(_ rules: Rules) async throws -> [String] {
        var faults: [String] = []
        for (number, (name, rule)) in rules.inOrder().enumerated() {
            // One of the requests may end it.
            let session =
                rule.rightful == .owner
                ? TestSession(user: "alice", number: 100 + number)
                : rule.rightful.session(for: 1000 + number)
            try await session?.open(in: database)
            let given = await verdict(rule, asker(Token(session), Self.traceID()), subject)
            if given.code != "" { faults.append("\(name) by \(rule.rightful): \(given)") }
        }
        return faults
    }

    private static func traceID() -> String {
        let text = String(UInt128.random(in: 1 ... .max), radix: 16)
        return String(repeating: "0", count: 32 - text.utf8.count) + text
    }
}

extension Dictionary where Key == String {
    fileprivate func inOrder<Asker>() -> [(String, RightsRule<Asker>)]
    where Value == [RightsRule<Asker>] {
        sorted { $0.key < $1.key }.flatMap { name, rules in rules.map { (name, $0) } }
    }
}
