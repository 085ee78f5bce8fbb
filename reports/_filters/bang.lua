-- Bảng: độ rộng cột (tbl-colwidths, hoặc tính từ nội dung cho bản in), cỡ chữ, khung cuộn trên trang HTML.
-- Ba đường kẻ (trên, dưới, dưới hàng đầu) do mẫu Typst, mẫu DOCX và CSS vẽ.
local chung = dofile(pandoc.path.join({ pandoc.path.directory(PANDOC_SCRIPT_FILE), 'chung.lua' }))

local function dai(chuoi) return utf8.len(chuoi) or #chuoi end

local function moi_hang(bang, lam)
  for _, hang in ipairs(bang.head.rows) do lam(hang, true) end
  for _, than in ipairs(bang.bodies) do
    for _, hang in ipairs(than.body) do lam(hang, false) end
  end
end

--- Tỷ lệ cột ghi sẵn: "[10,40,25,25]" (phần trăm hoặc phần bất kỳ), quy về tổng 1.
local function ghi_san(chuoi, so_cot)
  local ra, tong = {}, 0
  for so in chuoi:gmatch('[%d%.]+') do
    ra[#ra + 1] = tonumber(so)
    tong = tong + ra[#ra]
  end
  if #ra ~= so_cot then
    chung.tu_choi('tbl-colwidths="' .. chuoi .. '": có ' .. #ra .. ' số, bảng có ' .. so_cot .. ' cột; hãy ghi đủ mỗi cột một số.')
  end
  for i = 1, #ra do ra[i] = ra[i] / tong end
  return ra
end

--- Tỷ lệ cột theo nội dung: không cột nào hẹp hơn chữ dài nhất; cột nhiều chữ rộng hơn, nhưng chậm dần.
local function nhu_cau(bang)
  local n = #bang.colspecs
  local tu_dai, o_dai = {}, {}
  for i = 1, n do tu_dai[i], o_dai[i] = 2, 2 end
  moi_hang(bang, function(hang, dau)
    for i, o in ipairs(hang.cells) do
      if i <= n and o.col_span == 1 then
        local chu = pandoc.utils.stringify(pandoc.Div(o.contents))
        for tu in chu:gmatch('%S+') do tu_dai[i] = math.max(tu_dai[i], dai(tu) * (dau and 1.1 or 1)) end
        -- Chữ ở hàng đầu được ngắt dòng nên chỉ tính một nửa, trừ khi đã ngắn.
        o_dai[i] = math.max(o_dai[i], dau and math.max(dai(chu) * 0.5, math.min(dai(chu) * 1.1, 9)) or dai(chu))
      end
    end
  end)
  return tu_dai, o_dai
end

local function theo_noi_dung(bang)
  local tu_dai, o_dai = nhu_cau(bang)
  local ra, tong = {}, 0
  for i = 1, #tu_dai do
    local can = o_dai[i] <= 22 and o_dai[i] or 22 + (o_dai[i] - 22) ^ 0.62
    ra[i] = math.max(tu_dai[i], can) + 2
    tong = tong + ra[i]
  end
  for i = 1, #ra do ra[i] = ra[i] / tong end
  return ra
end

--- Bề rộng nhỏ nhất trên màn hình, tính bằng chữ: hẹp hơn thì bảng cuộn trong khung của mình.
local function be_rong_nho_nhat(bang)
  local tu_dai, o_dai = nhu_cau(bang)
  local tong = 0
  for i = 1, #tu_dai do tong = tong + math.max(tu_dai[i], math.min(o_dai[i], 10)) + 2 end
  return math.ceil(tong)
end

-- Số chữ xếp vừa bề ngang trang in, ước lượng dè dặt (chữ số và chữ hoa rộng hơn chữ thường).
local SO_CHU, SO_CHU_NHO = 72, 84

--- Bản in: cột nào hẹp hơn chữ dài nhất thì nới cho vừa, các cột còn lại co theo tỷ lệ.
local function noi_cot(bang, rong, nho)
  local tu_dai = nhu_cau(bang)
  local can, thieu, con = {}, 0, 0
  for i = 1, #rong do
    can[i] = math.min((tu_dai[i] + 2) / (nho and SO_CHU_NHO or SO_CHU), 0.5)
    thieu = thieu + math.max(can[i] - rong[i], 0)
    con = con + math.max(rong[i] - can[i], 0)
  end
  if thieu == 0 or con <= thieu then return rong end
  for i = 1, #rong do
    if rong[i] < can[i] then
      rong[i] = can[i]
    else
      rong[i] = rong[i] - (rong[i] - can[i]) * thieu / con
    end
  end
  return rong
end

local function dat_cot(bang, nho)
  local ghi = bang.attributes['tbl-colwidths']
  local rong
  if ghi then
    rong = ghi_san(ghi, #bang.colspecs)
  elseif not chung.html then
    rong = theo_noi_dung(bang)
  end
  bang.attributes['tbl-colwidths'] = nil
  -- Trang HTML: trình duyệt chia cột theo chữ; tỷ lệ ghi sẵn là của trang in.
  rong = not chung.html and rong and noi_cot(bang, rong, nho) or nil
  for i, cot in ipairs(bang.colspecs) do
    bang.colspecs[i] = { cot[1], rong and rong[i] or nil }
  end
end

--- DOCX: mỗi ô mang kiểu đoạn của bảng (cỡ chữ, không thụt đầu dòng).
local function kieu_o(bang, nho)
  local function sua(hang, dau)
    for _, o in ipairs(hang.cells) do
      local ten = dau and (nho and 'Bang dau nho' or 'Bang dau') or (nho and 'Bang o nho' or 'Bang o')
      o.contents = pandoc.Blocks({ chung.kieu(ten, o.contents) })
    end
    return hang
  end
  bang.head.rows = bang.head.rows:map(function(h) return sua(h, true) end)
  bang.bodies = bang.bodies:map(function(than)
    for i, h in ipairs(than.body) do than.body[i] = sua(h, false) end
    return than
  end)
end

--- Trang HTML: mỗi ô mang tên cột, để màn hình hẹp xếp mỗi dòng của bảng thành một khối mà vẫn đọc được.
local function ten_cot(bang)
  local ten = {}
  local dau = bang.head.rows[1]
  for i, o in ipairs(dau and dau.cells or {}) do ten[i] = pandoc.utils.stringify(pandoc.Div(o.contents)) end
  bang.bodies = bang.bodies:map(function(than)
    for _, h in ipairs(than.body) do
      for i, o in ipairs(h.cells) do
        local chu = pandoc.utils.stringify(pandoc.Div(o.contents))
        if i > 1 and (chu == '' or chu == '–') then
          o.classes:insert('trong')
        elseif i > 1 and ten[i] and ten[i] ~= '' then
          o.attributes['data-ten'] = ten[i]
        end
      end
    end
    return than
  end)
end

--- Bảng ngắn (chừng một phần ba trang in trở xuống) không tách trang; trong PDF nó trôi như hình.
local function ngan(bang, nho)
  local dong = 0
  moi_hang(bang, function(hang)
    local cao = 1
    for i, o in ipairs(hang.cells) do
      local rong = bang.colspecs[i] and bang.colspecs[i][2] or 1 / #bang.colspecs
      local chu = dai(pandoc.utils.stringify(pandoc.Div(o.contents)))
      cao = math.max(cao, math.ceil(chu / math.max(rong * (nho and SO_CHU_NHO or SO_CHU) - 2, 1)))
    end
    dong = dong + cao
  end)
  return dong <= 14
end

local function sua(bang, nho)
  dat_cot(bang, nho)
  if not chung.html and ngan(bang, nho) then bang.attributes.gon = 'true' end
  if chung.html then
    bang.classes:insert('bang')
    ten_cot(bang)
    bang.attributes.style = '--chu:' .. be_rong_nho_nhat(bang)
  elseif chung.docx then
    kieu_o(bang, nho)
  end
  return bang
end

return {
  {
    traverse = 'topdown',
    -- Khung bao quanh chỉ đổi cỡ chữ; bảng ở trong vẫn là một bảng thường.
    Div = function(div)
      if not div.classes:includes('bang-rong') then return nil end
      div = div:walk({ Table = function(b) return sua(b, true) end })
      if chung.typst then
        div.content:insert(1, pandoc.RawBlock('typst', '#bang-rong['))
        div.content:insert(pandoc.RawBlock('typst', ']'))
        return div.content, false -- không bọc khối: bảng phải trôi được trên cả trang
      end
      return div, false
    end,
    Table = function(bang) return sua(bang, false), false end,
  },
}
