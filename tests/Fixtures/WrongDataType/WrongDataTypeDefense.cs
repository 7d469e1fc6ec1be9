using System.Reflection;
using Titer.Sdk;
using Titer.Sdk.Models;
using TorchSharp;
[assembly: TiterPlugin("wrong_data_type", SdkApi.Level, Summary = "Puts a tensor of another dtype in place of a parameter.")]

namespace WrongDataType;

public sealed class WrongDataTypeDefense : IDefense
{
    public void Immunize(DefenseContext context)
    {
        var parameter = context!.Model.Parameters[0];
        var field = typeof(NamedParameter).GetField("<Tensor>k__BackingField", BindingFlags.Instance | BindingFlags.NonPublic)!;
        field.SetValue(parameter, parameter.Tensor.to(torch.ScalarType.Float64).detach());
    }
}
