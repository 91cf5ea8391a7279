import Foundation
import Testing

@testable import Chain

@Suite struct SettingTests {
    static let setting = Setting("--size", "SIZE", default: 7, expected: "a number") { Int($0) }

    @Test func aFlagCountsBeforeTheEnvironmentBeforeTheDefault() throws {
        #expect(try Self.setting.value(flag: "1", environment: { _ in "2" }) == 1)
        #expect(try Self.setting.value(flag: nil, environment: { $0 == "SIZE" ? "2" : nil }) == 2)
        #expect(try Self.setting.value(flag: nil, environment: { _ in "" }) == 7)
        #expect(try Self.setting.value(flag: nil, environment: { _ in nil }) == 7)
    }

    @Test func saysWhereABadValueCameFrom() {
        let flag = #expect(throws: SettingError.self) {
            try Self.setting.value(flag: "x", environment: { _ in "2" })
        }
        #expect(flag?.description == "--size is 'x': expected a number")
        #expect(flag?.isFlag == true)
        let variable = #expect(throws: SettingError.self) {
            try Self.setting.value(flag: nil, environment: { _ in "a\nb" })
        }
        #expect(variable?.description == "SIZE is 'a\\nb': expected a number")
        #expect(variable?.isFlag == false)
    }

    @Test func theFileCountsBeforeTheDefaultAndAfterTheRest() throws {
        let file = try Self.file("SIZE=3")
        #expect(try Self.setting.value(flag: "1", file: file, environment: { _ in "2" }) == 1)
        #expect(try Self.setting.value(flag: nil, file: file, environment: { _ in "2" }) == 2)
        #expect(try Self.setting.value(flag: nil, file: file, environment: { _ in "" }) == 3)
        let empty = try Self.file("SIZE=")
        #expect(try Self.setting.value(flag: nil, file: empty, environment: { _ in nil }) == 7)
    }

    @Test func saysWhichLineOfTheFileHasABadValue() throws {
        let file = try Self.file("# of the shop\n\nSIZE=x")
        let error = #expect(throws: SettingError.self) {
            try Self.setting.value(flag: nil, file: file, environment: { _ in nil })
        }
        #expect(error?.description == "SIZE in line 3 of a.env is 'x': expected a number")
        #expect(error?.isFlag == false)
    }

    @Test func takesALineAsItStands() throws {
        let text = "  # a comment\n\t\n#KEY=y\nKEY= \"a=b\" # c \nSIZE=1\n"
        let file = try Self.file(text)
        #expect(file["KEY"]?.text == " \"a=b\" # c ")
        #expect(file["SIZE"]?.text == "1")
    }

    @Test(arguments: [
        ("\nKEY", "line 2 of a.env has no '=': expected NAME=VALUE"),
        ("KEY=a\n\nKEY=b", "line 3 of a.env sets KEY again, after line 1"),
        ("KAY=hidden", "line 1 of a.env sets none of SIZE, KEY, KEY_FILE"),
        (" KEY=hidden", "line 1 of a.env sets none of SIZE, KEY, KEY_FILE"),
        ("export KEY=hidden", "line 1 of a.env sets none of SIZE, KEY, KEY_FILE"),
        ("SIZE=1\r\n", "line 1 of a.env has a control character"),
    ])
    func refusesALine(text: String, message: String) {
        let error = #expect(throws: SettingError.self) { try Self.file(text) }
        #expect(error?.description == message)
        #expect(error?.isFlag == false)
    }

    /// Of a flag, of a variable; and one that nobody names is none.
    @Test func namesTheFile() throws {
        let none = try SettingsFile(flag: nil, variable: "S", names: []) { _ in "" }
        #expect(none == nil)
        for (flag, variable) in [("/no/such", nil), (nil, "/no/such")] {
            let error = #expect(throws: SettingError.self) {
                try SettingsFile(flag: flag, variable: "S", names: []) { _ in variable }
            }
            #expect(
                error?.description
                    == "the settings file /no/such cannot be read: No such file or directory")
            #expect(error?.isFlag == false)
        }
        #expect(throws: SettingError.self) {
            try SettingsFile(flag: "/", variable: "S", names: [])
        }
        #expect(throws: SettingError.self) {
            try SettingsFile(flag: "/dev/zero", variable: "S", names: [])
        }
    }

    @Test(arguments: [
        ("hidden", "hidden"), ("hid\r\n", "hid\r"), ("hid\n\n", "hid\n"), (" ", " "),
    ])
    func readsASecretFromItsFile(content: String, value: String) throws {
        try Self.withFile(content) { path in
            let variables = ["KEY_FILE": path]
            #expect(try Self.secret.value(flag: nil, environment: { variables[$0] }) == value)
            let file = try Self.file("KEY_FILE=\(path)")
            let none: [String: String] = [:]
            #expect(
                try Self.secret.value(flag: nil, file: file, environment: { none[$0] }) == value)
            // The environment still counts first, and a flag before it.
            let other = ["KEY": "other"]
            #expect(
                try Self.secret.value(flag: nil, file: file, environment: { other[$0] }) == "other")
            #expect(try Self.secret.value(flag: "f", environment: { variables[$0] }) == "f")
        }
    }

    /// Only a secret has a file of its own.
    @Test func refusesASecretThatCannotBeMeant() throws {
        #expect(Self.setting.names == ["SIZE"])
        func refusal(_ variables: [String: String]) -> String? {
            let error = #expect(throws: SettingError.self) {
                try Self.secret.value(flag: nil, environment: { variables[$0] })
            }
            return error?.description
        }
        #expect(
            refusal(["KEY": "hidden", "KEY_FILE": "/x"])
                == "KEY_FILE is given as well as KEY: leave out one")
        #expect(
            refusal(["KEY_FILE": "/no/such"])
                == "KEY_FILE, the file /no/such, cannot be read: No such file or directory")
        try Self.withFile("\n") { path in
            #expect(refusal(["KEY_FILE": path]) == "KEY_FILE, the file \(path), holds nothing")
        }
        #expect(refusal(["KEY": "hidden no value"]) == "KEY is no value: expected a key")
        let file = try Self.file("KEY=hidden\nKEY_FILE=/x")
        let error = #expect(throws: SettingError.self) {
            try Self.secret.value(flag: nil, file: file, environment: { _ in nil })
        }
        #expect(
            error?.description
                == "KEY_FILE in line 2 of a.env is given as well as KEY: leave out one")
    }

    static let secret = Setting(
        "--key", "KEY", default: "", expected: "a key", isSecret: true
    ) { $0.hasSuffix("no value") ? nil : $0 }

    private static func file(_ text: String) throws(SettingError) -> SettingsFile {
        try SettingsFile(text, of: "a.env", names: setting.names + secret.names)
    }

    private static func withFile(_ content: String, _ body: (String) throws -> Void) throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "setting-\(UUID())")
        defer { try? FileManager.default.removeItem(at: url) }
        try Data(content.utf8).write(to: url)
        try body(url.path)
    }
}
