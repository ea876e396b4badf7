"""What a reward program may say: syntax, modules, functions, methods, and the ATen operators of its graph.

Everything that is not listed is refused. Nothing listed here reaches files, processes, randomness or
Python's own internals.
"""

from __future__ import annotations

import ast


def words(text: str) -> set[str]:
    """The words of a text."""
    return set(text.split())


SYNTAX: tuple[type[ast.AST], ...] = tuple(
    getattr(ast, name)
    for name in words(
        """
        Module FunctionDef Lambda arguments arg Return Pass Expr Assign AugAssign NamedExpr For While If IfExp
        Break Continue Assert BoolOp BinOp UnaryOp Compare Call keyword Starred List Tuple Dict Set ListComp
        SetComp DictComp GeneratorExp comprehension JoinedStr FormattedValue Constant Name Attribute Subscript
        Slice expr_context boolop operator unaryop cmpop
        """
    )
)

CONSTRUCTS: dict[type[ast.AST], str] = {
    ast.ClassDef: "a class",
    ast.AsyncFunctionDef: "an async function",
    ast.Try: "a try block",
    ast.TryStar: "a try block",
    ast.With: "a with block (gradients are off anyway)",
    ast.Global: "a global statement",
    ast.Nonlocal: "a nonlocal statement",
    ast.Raise: "a raise statement",
    ast.Delete: "a del statement",
    ast.Match: "a match statement",
    ast.Yield: "a generator",
    ast.YieldFrom: "a generator",
    ast.Await: "an await expression",
}

KEYWORDS = {"out", "inplace", "requires_grad", "generator", "pin_memory", "layout", "names"}
"""Keyword arguments that no call may have."""

BUILTINS = words(
    """
    abs all any bool dict divmod enumerate filter float int isinstance len list map max min pow range
    reversed round set slice sorted str sum tuple zip
    """
)

MATH = words(
    """
    acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh degrees e erf erfc exp exp2 expm1
    fabs floor fmod hypot inf isclose isfinite isinf isnan log log10 log1p log2 nan pi pow prod radians
    remainder sin sinh sqrt tan tanh tau trunc
    """
)

TYPING = words("Any Callable Dict Final List Mapping Optional Sequence Tuple Union")

FUNCTIONAL = words(
    """
    cosine_similarity elu gelu hardsigmoid hardtanh huber_loss l1_loss leaky_relu log_softmax logsigmoid
    mse_loss normalize pad pairwise_distance relu relu6 selu sigmoid silu smooth_l1_loss softmax
    softmin softplus softsign tanh tanhshrink
    """
)

DTYPES = words(
    """
    bool float float16 float32 float64 double half bfloat16 int int8 int16 int32 int64 long short uint8
    """
)

OPERATIONS = words(
    """
    abs absolute acos acosh add addcdiv addcmul all amax amin aminmax any arccos arccosh arcsin arcsinh
    arctan arctan2 arctanh argmax argmin argsort asin asinh atan atan2 atanh bitwise_and bitwise_not
    bitwise_or bitwise_xor bmm broadcast_to bucketize ceil chunk clamp clamp_max clamp_min clip clone
    copysign cos cosh count_nonzero cross cummax cummin cumprod cumsum deg2rad det diag diag_embed diagonal
    diff dist div divide dot eq erf erfc exp exp2 expm1 flatten flip float_power floor floor_divide fmax
    fmin fmod frac gather ge greater greater_equal gt heaviside hypot index_add index_fill index_select
    inner isclose isfinite isinf isnan le lerp less less_equal log log10 log1p log2 log_softmax logaddexp
    logical_and logical_not logical_or logical_xor logit logsumexp lt masked_fill masked_select matmul max
    maximum mean median min minimum mm moveaxis movedim mul multiply mv nan_to_num nanmean nansum narrow ne
    neg negative nonzero norm not_equal numel outer permute positive pow prod quantile rad2deg ravel
    reciprocal relu remainder repeat_interleave reshape roll round rsqrt scatter scatter_add select selu sgn
    sigmoid sign signbit sin sinc sinh softmax sort split sqrt square squeeze std sub subtract sum swapaxes
    swapdims take_along_dim tan tanh tile topk transpose tril triu true_divide trunc unbind unflatten
    unsqueeze var vdot where xlogy
    """
)
"""Functions of torch that are methods of tensors too."""

CONSTRUCTORS = words(
    """
    Tensor Size arange as_tensor atleast_1d broadcast_tensors cat cdist celu column_stack concat concatenate
    device dstack einsum eye finfo full full_like hstack inf is_tensor linspace logspace meshgrid nan ones
    ones_like pi scalar_tensor searchsorted stack std_mean tensor tensordot trapz trapezoid var_mean vstack
    zeros zeros_like
    """
)

LINALG = words("cross det inv matrix_norm multi_dot norm vecdot vector_norm")

MODULES = {
    "torch": OPERATIONS | CONSTRUCTORS | DTYPES,
    "torch.nn": set(),
    "torch.nn.functional": FUNCTIONAL,
    "torch.linalg": LINALG,
    "math": MATH,
    "typing": TYPING,
}
"""Module → what may be used of it."""

IN_PLACE = words(
    """
    abs_ add_ addcdiv_ addcmul_ ceil_ clamp_ clamp_max_ clamp_min_ copy_ cos_ div_ exp_ fill_
    floor_ fmod_ index_add_ index_fill_ index_put_ log_ logical_and_ logical_not_ logical_or_ masked_fill_
    mul_ nan_to_num_ neg_ pow_ reciprocal_ relu_ remainder_ round_ rsqrt_ scatter_ scatter_add_
    sigmoid_ sign_ sin_ sqrt_ sub_ tan_ tanh_ trunc_ zero_
    """
)
"""For tensors that the program made itself; a changed argument is found when the program is tried out."""

METHODS = (
    OPERATIONS
    | DTYPES
    | IN_PLACE
    | words(
        """
        T mT append contiguous copy detach device dim dtype eps expand expand_as extend get indices index_put
        insert is_floating_point item items keys masked_scatter max min ndim nelement new_full new_ones
        new_tensor new_zeros pop repeat reshape_as shape size tiny to type type_as update values view view_as
        """
    )
)
"""Attributes of values: of tensors, dtypes, lists and dicts."""

HINTS = {
    **dict.fromkeys(
        words(
            """
            rand randn randint rand_like randn_like randperm normal bernoulli multinomial manual_seed uniform_
            normal_ random_ bernoulli_
            """
        ),
        "A reward has no randomness.",
    ),
    "empty": "Use torch.zeros.",
    "empty_like": "Use torch.zeros_like.",
    "cuda": "Tensors are on the right device; for new ones write `device=x.device`.",
    "cpu": "Tensors stay on their device; leave it out.",
    "numpy": "Stay with torch tensors.",
    "tolist": "Stay with torch tensors; numbers read out of tensors are not available.",
    "data": "Use the tensor itself.",
    "backward": "A reward needs no gradients.",
    "format": "Use an f-string.",
    "no_grad": "Gradients are off anyway.",
    "jit": "Decorators are not needed.",
    "print": "A reward writes nothing.",
}

OPERATORS = words(
    """
    abs acos acosh add addcdiv addcmul alias all amax amin aminmax any arange argmax argmin argsort asin
    asinh atan atan2 atanh bitwise_and bitwise_not bitwise_or bitwise_xor bmm bucketize cat ceil celu clamp
    clamp_max clamp_min clone constant_pad_nd copy copysign cos cosh count_nonzero cummax cummin cumprod
    cumsum deg2rad detach diag_embed diagonal diagonal_copy diagonal_scatter dist div dot elu eq erf erfc
    exp exp2 expand expm1 eye fill flip floor floor_divide fmax fmin fmod frac full full_like gather ge gelu
    gt hardsigmoid hardtanh heaviside huber_loss hypot index index_add index_fill index_put index_select
    isinf isnan le leaky_relu lerp lift_fresh_copy linalg_cross linalg_vector_norm linspace log log10 log1p
    log2 log_sigmoid_forward logaddexp logical_and logical_not logical_or logical_xor logit logspace
    logsumexp lt masked_fill masked_scatter masked_select max maximum mean median min minimum mm mse_loss
    mul mv nan_to_num nansum ne neg new_full new_ones new_zeros nonzero norm ones ones_like permute pow prod
    rad2deg reciprocal relu remainder repeat roll round rsqrt rsub scalar_tensor scatter scatter_add
    searchsorted select select_scatter sgn sigmoid sign signbit silu sin sinc sinh slice slice_scatter
    smooth_l1_loss softplus sort split split_with_sizes sqrt squeeze stack std std_mean sub sum t tan tanh
    topk transpose tril triu trunc unbind unsqueeze var var_mean vdot view where xlogy zero zeros zeros_like
    _cdist_forward _euclidean_dist _linalg_det _log_softmax _softmax _to_copy _unsafe_view linalg_inv_ex
    """
)
"""ATen operators that a graph may call, by the name before the overload."""
