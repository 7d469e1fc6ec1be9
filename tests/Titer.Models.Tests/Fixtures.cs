using Titer.Models.Checkpoints;
using Titer.Sdk;
using Titer.Sdk.Models;

namespace Titer.Models.Tests;

/// <summary>The real checkpoint beside the repository; tests that need it skip where it is absent.</summary>
internal static class Fixtures
{
    public static CausalLanguageModel Stories(string variant = "stories260K-hf") => CheckpointReader.Read(SharedFiles.Require(variant), Cpu());

    public static DeviceContext Cpu() => DeviceSelection.Open("cpu");
}
