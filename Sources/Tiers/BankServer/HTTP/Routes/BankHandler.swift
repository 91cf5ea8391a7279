import BalanceAPI
import BalanceClient
import BankAPI
import Chain
import Ledger
import Logging
import NIOCore
import NIOHTTP1

/// The bank's own routes.
struct BankHandler: Sendable {
    private let services: BalanceServices
    private let contract: ContractCheck
    private let accounts: AccountsHandler
    private let accountWrites: AccountWritesHandler
    private let statements: StatementHandler
    private let transfers: TransfersHandler

    init(services: BalanceServices, logger: Logger) {
        self.services = services
        contract = ContractCheck(logger: logger)
        accounts = AccountsHandler(services: services, contract: contract)
        accountWrites = AccountWritesHandler(services: services, contract: contract)
        statements = StatementHandler(services: services, contract: contract)
        transfers = TransfersHandler(services: services, contract: contract)
    }

    /// Whether ``begin(_:_:kind:completion:)`` may be called on an event loop.
    func mayBegin(on eventLoop: any EventLoop) -> Bool { eventLoop === services.eventLoop }

    /// Begins to answer what is asked most, without a task.
    ///
    /// - Parameters:
    ///   - kind: Told what kind of write it is, before anything is sent.
    ///   - completion: Called once on the same event loop, perhaps before this returns, unless this throws
    ///     or the route is none of these.
    /// - Returns: How to end it, for a read.
    func begin(
        _ route: MatchedRoute, _ request: BankRequest, kind: (String) -> Void,
        completion: @escaping (Result<Answer, Problem>) -> Void
    ) throws(Problem) -> Beginning {
        switch route {
        case .balance(let text):
            return .read(try accounts.balance(text, request, completion: completion))
        case .transfers:
            try transfers.submit(
                isBatch: false, request, kind: kind, completion: completion)
            return .write
        case .transferBatch:
            try transfers.submit(isBatch: true, request, kind: kind, completion: completion)
            return .write
        default: return .none
        }
    }

    enum Beginning {
        case read(PendingCall)
        /// Nobody's leaving ends one.
        case write
        /// It needs a task.
        case none
    }

    func answer(
        _ route: MatchedRoute, _ request: BankRequest, notes: inout RequestNotes
    ) async throws(Problem) -> Answer {
        switch route {
        case .balance(let text): return try await accounts.balance(text, request)
        case .transfers:
            return try await transfers.submit(isBatch: false, request, notes: &notes)
        case .account(let text): return try await accounts.account(text, request)
        case .accounts where request.method == .POST:
            notes.kind = "open"
            return try await accountWrites.open(request)
        case .accounts: return try await accounts.list(request)
        case .close(let text):
            notes.kind = "close"
            return try await accountWrites.close(text, request)
        case .statement(let text): return try await statements.page(text, request)
        case .transferBatch:
            return try await transfers.submit(isBatch: true, request, notes: &notes)
        case .transferLookup: return try await transfers.lookUp(request)
        case .transfer(let text): return try await transfers.transfer(text, request)
        case .bank: return try await bank(request)
        case .audit: return try await audit(request)
        case .health, .readiness, .openAPI: throw .internal(tier: .bankServer)
        }
    }

    private func bank(_ request: BankRequest) async throws(Problem) -> Answer {
        _ = try QueryParameters(request.query)
        let reply = try await services.answer(
            UnaryCall(
                Teller_Balance_V1_Ledger.Method.GetLedger.descriptor,
                Teller_Balance_V1_GetLedgerRequest(),
                returning: Teller_Balance_V1_GetLedgerResponse.self, context: request.context,
                departure: request.departure))
        let body = try contract.encoded(request) {
            Bank(bank: reply.message.bank, ledger: try Identifier(ledger: reply.message.ledger))
        }
        return Answer(body: body, call: "GetLedger", timing: reply.timing)
    }

    private func audit(_ request: BankRequest) async throws(Problem) -> Answer {
        _ = try QueryParameters(request.query)
        let reply = try await services.answer(
            UnaryCall(
                Teller_Balance_V1_Ledger.Method.RunAudit.descriptor,
                Teller_Balance_V1_RunAuditRequest(),
                returning: Teller_Balance_V1_RunAuditResponse.self, context: request.context,
                departure: request.departure))
        let body = try contract.encoded(request) {
            AuditReport(
                ledger: try Identifier(ledger: reply.message.ledger),
                invariants: reply.message.invariants.map {
                    .init(
                        name: $0.name, counted: $0.counted, broken: $0.broken,
                        example: $0.example.isEmpty ? nil : $0.example)
                })
        }
        return Answer(body: body, call: "RunAudit", timing: reply.timing)
    }
}

extension Identifier {
    /// - Parameter bytes: A ledger's id, as hop 2 sends it.
    init(ledger bytes: some Collection<UInt8>) throws(ContractError) {
        guard let value = Identifier(bytes: bytes) else {
            throw ContractError("the ledger is not a UUID of 16 bytes")
        }
        self = value
    }
}
