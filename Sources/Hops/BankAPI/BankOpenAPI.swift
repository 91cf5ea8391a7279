/// The description of hop 1 for tools and people.
public enum BankOpenAPI {
    /// OpenAPI 3.1, as YAML in UTF-8.
    public static var yaml: [UInt8] { PackageResources.openapi_yaml }
}
