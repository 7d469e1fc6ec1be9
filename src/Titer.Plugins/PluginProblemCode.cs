namespace Titer.Plugins;

/// <summary>Codes of everything that the plugin host says about a plugin. Published: a code never changes its meaning.</summary>
public static class PluginProblemCode
{
    public const string FolderMissing = "TITER100";
    public const string Unreadable = "TITER101";
    public const string ApiTooNew = "TITER102";
    public const string ApiTooOld = "TITER103";
    public const string NotAPlugin = "TITER104";
    public const string NoEntryType = "TITER105";
    public const string SeveralEntryTypes = "TITER106";
    public const string BadId = "TITER107";
    public const string SdkVersionMismatch = "TITER108";
    public const string SdkMemberMissing = "TITER109";
    public const string SdkCopied = "TITER110";
    public const string TorchSharpCopied = "TITER111";
    public const string TorchSharpTooNew = "TITER112";
    public const string FrameworkTooNew = "TITER113";
    public const string DuplicateId = "TITER114";
    public const string ConstructorShape = "TITER115";
    public const string OptionsShape = "TITER116";
    public const string SeveralPlugins = "TITER117";
    public const string InterfaceIncomplete = "TITER118";
    public const string FilesChanged = "TITER119";
    public const string FolderNotPlain = "TITER120";
    public const string ReferenceAssembly = "TITER121";
    public const string DependencyMissing = "TITER122";
    public const string OtherProcessor = "TITER123";
    public const string SharedTooNew = "TITER124";
    public const string Shadowed = "TITER125";
    public const string BadFidelity = "TITER126";

    public const string LoadFailed = "TITER130";
    public const string SharedAssemblyPrivate = "TITER131";
    public const string ConstructorThrew = "TITER132";
    public const string StaticConstructorThrew = "TITER133";
    public const string WrongKind = "TITER134";
    public const string GenerationRetired = "TITER135";
    public const string GenerationLeaked = "TITER136";

    public const string OptionUnknown = "TITER140";
    public const string OptionType = "TITER141";
    public const string OptionRange = "TITER142";
    public const string OptionValue = "TITER143";

    public const string CallsNetwork = "TITER150";
    public const string StartsProcess = "TITER151";
    public const string EndsProcess = "TITER152";
    public const string CallsMatmul = "TITER153";
    public const string ReflectionJson = "TITER154";
    public const string SeedsGlobally = "TITER155";
    public const string TorchSharpOlder = "TITER156";

    public const string PackageUnreadable = "TITER170";
    public const string NotAPluginPackage = "TITER171";
    public const string PackageMismatch = "TITER172";
    public const string PackagePathEscapes = "TITER173";
    public const string PackageTooLarge = "TITER174";
    public const string NoSuchPackage = "TITER175";
    public const string BadPackageVersion = "TITER176";
    public const string NotInstalled = "TITER177";
    public const string CannotWrite = "TITER178";
    public const string NotPackable = "TITER179";

    public const string NoSshKeygen = "TITER180";
    public const string CannotSign = "TITER181";
    public const string BadSignature = "TITER182";
    public const string KeyRefused = "TITER183";
    public const string NotSigned = "TITER184";
    public const string NotAllowed = "TITER185";
    public const string Revoked = "TITER186";
    public const string NotListed = "TITER188";
}
