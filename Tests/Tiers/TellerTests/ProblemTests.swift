import BankAPI
import Testing

@testable import BankClient
@testable import Teller

@Suite struct ProblemTests {
    @Test(arguments: [
        (ProblemCode.accountInvalid, Teller.ExitStatus.dataError), (.accountUnknown, .noUser),
        (.currencyInvalid, .dataError), (.pageSizeInvalid, .dataError),
        (.pageTokenInvalid, .dataError), (.timeoutInvalid, .dataError),
        (.requestInvalid, .dataError), (.bodyNotAllowed, .dataError), (.bodyTooLarge, .dataError),
        (.pathTooLong, .dataError), (.headersTooLarge, .dataError),
        (.routeUnknown, .protocolError), (.methodNotAllowed, .protocolError),
        (.overloaded, .temporaryFailure), (.deadlineExceeded, .temporaryFailure),
        (.balanceServiceUnavailable, .unavailable), (.databaseUnavailable, .unavailable),
        (.internal, .software), (.idInvalid, .dataError), (.timeInvalid, .dataError),
        (.versionNotReached, .temporaryFailure), (.outcomeUnknown, .outcomeUnknown),
        (.otherLedger, .dataError), (.hostNotAllowed, .dataError), (.originNotAllowed, .dataError),
    ])
    func everyCodeHasAStatus(code: ProblemCode, status: Teller.ExitStatus) throws {
        let error = error(code.rawValue, status: code.status)
        #expect(error.status == status)
        let line = try #require(error.line)
        #expect(line.hasPrefix("teller: "))
        #expect(line.contains(", at "))
    }

    @Test(arguments: ProblemCode.allCases.filter { $0.refusal != nil })
    func everyRefusalEndsWithItsOwnStatus(code: ProblemCode) {
        let others: [ProblemCode: Teller.ExitStatus] = [
            .accountUnknown: .noUser, .idInvalid: .dataError, .forbidden: .noPermission,
        ]
        #expect(
            error(code.rawValue, status: code.status).status == others[code] ?? .refused)
    }

    @Test func everyCodeOfThisBankIsKnown() {
        let others: [ProblemCode] = [.routeUnknown, .methodNotAllowed]
        for code in ProblemCode.allCases where !others.contains(code) {
            #expect(error(code.rawValue, status: 418).status != .protocolError, "\(code)")
        }
    }

    @Test(arguments: [
        (503, Teller.ExitStatus.unavailable), (504, .temporaryFailure), (429, .temporaryFailure),
        (500, .software), (418, .protocolError),
    ])
    func aLaterServersCodeGoesByItsHTTPStatus(http: Int, status: Teller.ExitStatus) {
        #expect(error("vault_closed", status: http).status == status)
    }

    @Test func whatAServerSaysCannotSteerTheTerminal() throws {
        let problem = Problem(
            .requestInvalid,
            detail: "a\u{1B}]0;x\u{7}\nteller: b" + String(repeating: "z", count: 5000),
            tier: ProblemTier(rawValue: "bank-\u{1B}server"))
        let line = try #require(
            TellerError(BankClientError(.problem(problem, status: 400))).line)
        #expect(!line.unicodeScalars.contains { $0.value < 0x20 })
        #expect(line.displayWidth <= 600)
    }

    @Test func aRefusalOfALaterLedgerIsNamed() {
        let error = TellerError(BankClientError(.refused(ProblemCode(rawValue: "hold_frozen"))))
        #expect(error.what == "refused: 'hold_frozen', which this teller does not know")
        #expect(error.status == .refused && error.code == "hold_frozen")
    }

    @Test func exitStatusesAreThoseOfSysexits() {
        #expect(Teller.ExitStatus.usage.rawValue == 64)
        #expect(
            Teller.ExitStatus.list.split(separator: "\n").count == Teller.ExitStatus.allCases.count)
        // Room for a help text's columns.
        #expect(Teller.ExitStatus.list.split(separator: "\n").allSatisfy { $0.count < 80 })
    }

    private func error(_ code: String, status: Int) -> TellerError {
        let problem = Problem(
            ProblemCode(rawValue: code), detail: "Detail.", tier: .balanceService, traceID: "ab12")
        return TellerError(BankClientError(.problem(problem, status: status)))
    }
}
