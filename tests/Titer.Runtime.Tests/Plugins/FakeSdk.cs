namespace Titer.Runtime.Tests.Plugins;

/// <summary>An SDK from another time: with members that the host's does not have, and without one that it has.</summary>
internal static class FakeSdk
{
    private const string Source = """
        namespace Titer.Sdk
        {
            public sealed class TiterPluginAttribute : System.Attribute { public TiterPluginAttribute(string id, int apiLevel) { } }
            public sealed class DefenseContext { public void Step() { } public void Step(int count) { } public void BrandNewThing() { } }
            public sealed class BrandNewType { }
            public interface IDefense { void Immunize(DefenseContext context); }
            public interface IAttack { }
        }
        """;

    public static (string Name, byte[] Image) Of(string version) => PluginCompiler.Stranger("Titer.Sdk", version, Source);
}
