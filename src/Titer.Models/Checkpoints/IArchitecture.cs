using Titer.Models.Memory;
using Titer.Sdk;
using Titer.Sdk.Models;

namespace Titer.Models.Checkpoints;

/// <summary>What a checkpoint's <c>config.json</c> describes. Naming and writing need no torch: the host compares weights without it.</summary>
internal interface IArchitecture
{
    ModelShape ToShape();

    /// <summary>What says how much memory it takes.</summary>
    ModelDimensions Dimensions();

    /// <summary>Names and shapes of all weights, in arena order.</summary>
    IReadOnlyList<(string Name, long[] Shape)> Layout();

    /// <summary>A model of this configuration.</summary>
    /// <param name="weights">[count], all weights in the layout's order, taken over; null means zeros.</param>
    CausalLanguageModel Open(DeviceContext device, Tensor? weights = null);

    /// <summary>The model's name of a tensor in a file; null when the model derives that tensor and reads it
    /// from no file. The only place that says which.</summary>
    string? Canonical(string tensor);

    /// <summary>
    /// What of the configuration changes what is computed with the same tensors, as keys and effective values: two spellings of one function give
    /// the same list.
    /// </summary>
    IReadOnlyList<(string Key, string Value)> Function();

    /// <summary>The configuration as <c>config.json</c> has it.</summary>
    byte[] ToJson();
}
