// A vector whose elements stay where they are in memory when more are added. A std::deque does so as well, but for elements
// of more than 512 bytes it takes room for one more than it holds.
#pragma once

#include <compare>
#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

namespace baton {

template <class T>
class StableVector {
  using Items = std::vector<std::unique_ptr<T>>;

  template <class Value, class Place>
  class Iterator {
   public:
    using iterator_category = std::random_access_iterator_tag;
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using pointer = Value*;
    using reference = Value&;
    Iterator() = default;
    explicit Iterator(Place at) : at_(at) {}
    template <class OtherValue, class OtherPlace>
    requires std::convertible_to<OtherPlace, Place> Iterator(const Iterator<OtherValue, OtherPlace>& other)
        : at_(other.place()) {}  // NOLINT(google-explicit-constructor)
    Place place() const { return at_; }
    reference operator*() const { return **at_; }
    pointer operator->() const { return at_->get(); }
    reference operator[](difference_type n) const { return *at_[n]; }
    Iterator& operator++() { return *this += 1; }
    Iterator& operator--() { return *this -= 1; }
    Iterator operator++(int) { return std::exchange(*this, *this + 1); }
    Iterator operator--(int) { return std::exchange(*this, *this - 1); }
    Iterator& operator+=(difference_type n) {
      at_ += n;
      return *this;
    }
    Iterator& operator-=(difference_type n) { return *this += -n; }
    friend Iterator operator+(Iterator from, difference_type n) { return from += n; }
    friend Iterator operator+(difference_type n, Iterator from) { return from += n; }
    friend Iterator operator-(Iterator from, difference_type n) { return from -= n; }
    friend difference_type operator-(const Iterator& a, const Iterator& b) { return a.at_ - b.at_; }
    bool operator==(const Iterator&) const = default;
    auto operator<=>(const Iterator&) const = default;

   private:
    Place at_{};
  };

 public:
  using value_type = T;
  using iterator = Iterator<T, typename Items::iterator>;
  using const_iterator = Iterator<const T, typename Items::const_iterator>;

  StableVector() = default;
  StableVector(std::initializer_list<T> items) {
    items_.reserve(items.size());
    for (const T& item : items) push_back(item);
  }
  StableVector(StableVector&&) noexcept = default;
  StableVector& operator=(StableVector&&) noexcept = default;
  StableVector(const StableVector& other) {
    items_.reserve(other.size());
    for (const T& item : other) push_back(item);
  }
  StableVector& operator=(const StableVector& other) { return *this = StableVector(other); }
  ~StableVector() = default;

  std::size_t size() const { return items_.size(); }
  bool empty() const { return items_.empty(); }
  T& operator[](std::size_t index) { return *items_[index]; }
  const T& operator[](std::size_t index) const { return *items_[index]; }
  T& at(std::size_t index) { return *items_.at(index); }
  const T& at(std::size_t index) const { return *items_.at(index); }
  T& front() { return *items_.front(); }
  const T& front() const { return *items_.front(); }
  T& back() { return *items_.back(); }
  const T& back() const { return *items_.back(); }
  iterator begin() { return iterator(items_.begin()); }
  iterator end() { return iterator(items_.end()); }
  const_iterator begin() const { return const_iterator(items_.begin()); }
  const_iterator end() const { return const_iterator(items_.end()); }

  template <class... Arguments>
  T& emplace_back(Arguments&&... arguments) {
    return *items_.emplace_back(std::make_unique<T>(std::forward<Arguments>(arguments)...));
  }
  void push_back(T item) { emplace_back(std::move(item)); }
  void clear() { items_.clear(); }

 private:
  Items items_;
};

}  // namespace baton
